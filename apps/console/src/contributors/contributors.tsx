import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { type Account, accounts } from '../api/queries.js';
import { ButtonLink } from '../parts/button.js';
import { SearchField } from '../parts/fields/field.js';
import { Icon } from '../parts/icon.js';
import { Pages, usePages } from '../parts/list/pages.js';
import { Badge, Card, Empty, Failure, Loading, Page } from '../parts/surface.js';
import { Table } from '../parts/list/table.js';
import table from '../parts/list/table.module.css';
import { Status } from '../profile/two-factor.js';

export function Contributors({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const pages = usePages();
  const { query } = pages.page;
  const { data, isPending, isError, error, refetch } = useQuery(accounts(portal, pages.page));
  const people = data?.accounts;
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
        <SearchField label={t('contributors.search')} value={pages.typed} onChange={pages.setTyped} />
        {isPending && <Loading lines={6} />}
        {isError && !people && <Failure error={error} retry={pages.again(refetch)} />}
        {people?.length === 0 && (
          <Empty icon="users">
            <p>{query ? t('contributors.noneFound', { query }) : t('contributors.none')}</p>
          </Empty>
        )}
        {people && people.length > 0 && <People portal={portal} people={people} />}
        {people && (
          <Pages pages={pages} next={data.next} from={people[0]?.username ?? ''} to={people.at(-1)?.username ?? ''} />
        )}
      </Card>
    </Page>
  );
}

/** Apart from what is typed above it. */
const People = memo(function People({ portal, people }: { portal: string; people: readonly Account[] }) {
  const { t } = useTranslation();
  return (
    <Table
      label={t('contributors.title')}
      items={people}
      columns={[
        {
          label: t('account.username'),
          names: true,
          cell: ({ id, username, displayName }) => (
            <>
              <Link className={table.rowLink} href={`/p/${portal}/contributors/${id}`}>
                {username}
              </Link>
              {displayName && <span className="muted small"> · {displayName}</span>}
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
        { label: t('contributors.twoFactor'), cell: ({ twoFactor }) => <Status status={twoFactor.status} /> },
        { label: t('contributors.state'), cell: ({ status }) => <AccountState status={status} /> },
      ]}
    />
  );
});

export function AccountState({ status }: { status: Account['status'] }) {
  const { t } = useTranslation();
  return status === 'locked' ? (
    <Badge tone="danger" icon="lock">
      {t('account.locked')}
    </Badge>
  ) : (
    <Badge>{t('account.active')}</Badge>
  );
}
