import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { Cell, Column, Row, Table, TableBody, TableHeader } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { type Account, accounts } from '../api/queries.js';
import { ButtonLink } from '../parts/button.js';
import { SearchField } from '../parts/fields/field.js';
import { Icon } from '../parts/icon.js';
import { Pages, usePages } from '../parts/pages.js';
import { Badge, Card, Empty, Failure, Loading, Page } from '../parts/surface.js';
import table from '../parts/table.module.css';
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
        {isError && !people && <Failure error={error} retry={() => void refetch()} />}
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
    <Table aria-label={t('contributors.title')} className={table.table}>
      <TableHeader>
        <Column isRowHeader>{t('account.username')}</Column>
        <Column className={table.wide}>{t('account.role')}</Column>
        <Column>{t('contributors.twoFactor')}</Column>
        <Column>{t('contributors.state')}</Column>
      </TableHeader>
      <TableBody items={people}>
        {(person) => (
          <Row href={`/p/${portal}/contributors/${person.id}`}>
            <Cell textValue={person.username}>
              <span className={table.name}>{person.username}</span>
              {person.displayName && <span className="muted small"> · {person.displayName}</span>}
            </Cell>
            <Cell className={table.wide}>
              {t(`account.${person.type}`)}
              {person.admin && <span className="muted"> · {t('account.administrator')}</span>}
            </Cell>
            <Cell>
              <Status status={person.twoFactor.status} />
            </Cell>
            <Cell>
              <AccountState status={person.status} />
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
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
