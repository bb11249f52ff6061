import { useQuery } from '@tanstack/react-query';
import { memo, useState } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { type Account, accounts, summary } from '../api/queries.js';
import { ButtonLink } from '../parts/button.js';
import { Icon } from '../parts/icon.js';
import { PagedList } from '../parts/list/paged-list.js';
import { usePages } from '../parts/list/pages.js';
import { Card, Page } from '../parts/surface.js';
import { type Choosing, Table } from '../parts/list/table.js';
import table from '../parts/list/table.module.css';
import { useTime } from '../parts/use-time.js';
import { Status } from '../profile/two-factor.js';
import { AccountState, useStateLines } from './account-state.js';
import { BulkBar } from './bulk/bulk-bar.js';
import { BulkDialog } from './bulk/bulk-dialog.js';
import type { Command } from './bulk/commands.js';
import { useChosen } from './bulk/use-chosen.js';
import { filterNames, Filters } from './filters.js';
import { useGrace } from './grace.js';

const none: readonly Account[] = [];

export function Contributors({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const pages = usePages(filterNames);
  const found = useQuery(accounts(portal, pages.page));
  const { chosen, choosing } = useChosen(found.data?.accounts ?? none);
  const [asked, setAsked] = useState<{ command: Command; people: readonly Account[] } | null>(null);
  return (
    <Page
      title={t('contributors.title')}
      action={
        <ButtonLink look="primary" href={`/p/${portal}/contributors/new`}>
          <Icon name="plus" />
          {t('contributors.new')}
        </ButtonLink>
      }
    >
      <Card>
        <Counts portal={portal} />
        <PagedList
          pages={pages}
          found={found}
          itemsOf={(data) => data.accounts}
          nameOf={({ username }) => username}
          icon="users"
          filters={<Filters portal={portal} pages={pages} />}
          words={{
            search: t('contributors.search'),
            none: t('contributors.none'),
            noneFound: pages.page.query ? t('contributors.noneFound', pages.page) : t('contributors.noneFits'),
          }}
        >
          {(people) => (
            <>
              <People portal={portal} people={people} choosing={choosing} />
              <BulkBar
                count={chosen.length}
                onCommand={(command) => setAsked({ command, people: chosen })}
                onClear={() => choosing.choose(new Set())}
              />
            </>
          )}
        </PagedList>
        {asked && <BulkDialog portal={portal} {...asked} onClose={() => setAsked(null)} />}
      </Card>
    </Page>
  );
}

/** Of all Contributors, whatever is listed. */
function Counts({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(summary(portal));
  if (!data) return null;
  const { contributors, enabled, locked, suspended, required } = data;
  return (
    <p className="muted">
      {[
        t('contributors.count.enabled', { count: contributors, enabled }),
        required.overdue > 0 && t('contributors.count.overdue', { count: required.overdue }),
        required.inGrace > 0 && t('contributors.count.inGrace', { count: required.inGrace }),
        required.notStarted > 0 && t('contributors.count.notStarted', { count: required.notStarted }),
        locked > 0 && t('contributors.count.locked', { count: locked }),
        suspended > 0 && t('contributors.count.suspended', { count: suspended }),
      ]
        .filter(Boolean)
        .join(' · ')}
    </p>
  );
}

interface PeopleProps {
  portal: string;
  people: readonly Account[];
  choosing: Omit<Choosing<Account>, 'words'>;
}

/** Apart from what is typed above it. */
const People = memo(function People({ portal, people, choosing }: PeopleProps) {
  const { t } = useTranslation();
  const time = useTime();
  const grace = useGrace();
  const linesOf = useStateLines(portal);
  return (
    <Table
      label={t('contributors.title')}
      items={people}
      choosing={{
        ...choosing,
        words: { all: t('bulk.chooseAll'), one: ({ username }) => t('bulk.choose', { username }) },
      }}
      columns={[
        {
          label: t('account.username'),
          names: true,
          cell: ({ id, username, externalId, displayName, hasPassword }) => (
            <>
              <Link className={table.rowLink} href={`/p/${portal}/contributors/${id}`}>
                {username}
              </Link>
              {displayName && <span className="muted small"> · {displayName}</span>}
              {(externalId !== undefined || !hasPassword) && (
                <span className="muted small" style={{ display: 'block', overflowWrap: 'anywhere' }}>
                  {[externalId, !hasPassword && t('account.noPassword')].filter(Boolean).join(' · ')}
                </span>
              )}
            </>
          ),
        },
        {
          label: t('account.role'),
          className: table.wide,
          cell: ({ type, admin }) => (
            <>
              {t(`account.${type}`)}
              {admin && <span className="muted"> · {t('account.administrator')}</span>}
            </>
          ),
        },
        {
          label: t('contributors.twoFactor'),
          cell: ({ twoFactor, graceEndsAt }) => (
            <>
              <Status status={twoFactor.status} />
              {graceEndsAt && (
                <span className="muted small" style={{ display: 'block' }}>
                  {grace(graceEndsAt)}
                </span>
              )}
            </>
          ),
        },
        {
          label: t('contributors.state'),
          cell: (person) => (
            <>
              <AccountState status={person.status} />
              {linesOf(person).map((line) => (
                <span key={line} className="muted small" style={{ display: 'block' }}>
                  {line}
                </span>
              ))}
            </>
          ),
        },
        {
          label: t('contributors.lastLogin'),
          className: table.wide,
          cell: ({ lastLoginAt }) => (
            <span className={lastLoginAt ? undefined : 'muted'}>
              {lastLoginAt ? time(lastLoginAt) : t('contributors.neverLoggedIn')}
            </span>
          ),
        },
      ]}
    />
  );
});
