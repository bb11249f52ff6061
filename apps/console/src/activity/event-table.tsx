import { Cell, Column, Link, Row, Table, TableBody, TableHeader } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { EventType } from '../api/facts.js';
import type { Account, RecordedEvent } from '../api/queries.js';
import { Icon, type IconName } from '../parts/icon.js';
import table from '../parts/table.module.css';
import { detailsOf, isWorded, titleKey } from './event-words.js';

interface Props {
  portal: string;
  /** Newest first. */
  events: readonly RecordedEvent[];
  people: readonly Account[];
}

export function EventTable({ portal, events, people }: Props) {
  const { t, i18n } = useTranslation();
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'medium' });
  const worded = (name: string) => (isWorded(name) ? t(`detail.${name}`) : name);
  const nameOf = (id: string) => people.find((person) => person.id === id)?.username ?? id;
  return (
    <Table aria-label={t('activity.events')} className={`${table.table} ${table.stacked}`}>
      <TableHeader>
        <Column>{t('activity.when')}</Column>
        <Column isRowHeader>{t('activity.what')}</Column>
        <Column>{t('activity.whom')}</Column>
        <Column className={table.wide}>{t('activity.by')}</Column>
      </TableHeader>
      <TableBody items={events} dependencies={[people, i18n.language]}>
        {(event) => (
          <Row>
            <Cell className={table.time}>{time.format(Date.parse(event.time))}</Cell>
            <Cell>
              <span className="row" style={{ gap: '0.5rem', flexWrap: 'nowrap' }}>
                <span className="muted" style={{ display: 'grid' }}>
                  <Icon name={iconOf(event.type)} size={16} />
                </span>
                <span>
                  <span className={table.name}>{t(titleKey(event.type as EventType))}</span>
                  <span className="muted small" style={{ display: 'block' }}>
                    {detailsOf(event.data)
                      .map(([name, value]) => `${worded(name)}: ${value}`)
                      .join(' · ')}
                  </span>
                </span>
              </span>
            </Cell>
            <Cell>
              {event.account ? (
                <Link href={`/p/${portal}/contributors/${event.account}`}>{nameOf(event.account)}</Link>
              ) : (
                <span className="muted">–</span>
              )}
            </Cell>
            <Cell className={table.wide}>
              {event.actor.id && event.actor.id !== event.account && event.actor.kind !== 'service'
                ? nameOf(event.actor.id)
                : t(`activity.actor.${event.actor.kind}`)}
            </Cell>
          </Row>
        )}
      </TableBody>
    </Table>
  );
}

function iconOf(type: string): IconName {
  if (type.includes('locked.v1') || type.includes('unlocked')) return 'lock';
  if (type.includes('failed')) return 'alert';
  if (type.startsWith('two-factor.')) return 'shield';
  if (type.startsWith('admin-policy.')) return 'shield';
  return 'user';
}
