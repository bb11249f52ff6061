import { useMemo } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { kindOf } from '../api/event-kind.js';
import type { EventType } from '../api/facts.js';
import type { Account, RecordedEvent } from '../api/queries.js';
import { Icon, type IconName } from '../parts/icon.js';
import { Table } from '../parts/list/table.js';
import table from '../parts/list/table.module.css';
import { detailsOf, titleKey } from './event-words.js';

interface Props {
  portal: string;
  /** Newest first. */
  events: readonly RecordedEvent[];
  people: readonly Account[];
}

export function EventTable({ portal, events, people }: Props) {
  const { t, i18n } = useTranslation();
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'medium' });
  const isWorded = (name: string) => i18n.exists(`detail.${name}`);
  const names = useMemo(() => new Map(people.map(({ id, username }) => [id, username])), [people]);
  const nameOf = (id: string) => names.get(id) ?? id;
  return (
    <Table
      label={t('activity.events')}
      stacked
      items={events}
      columns={[
        {
          label: t('activity.when'),
          className: table.time,
          cell: ({ time: at }) => time.format(Date.parse(at)),
        },
        {
          label: t('activity.what'),
          names: true,
          cell: ({ type, data }) => (
            <span className="row" style={{ gap: '0.5rem', flexWrap: 'nowrap' }}>
              <span className="muted" style={{ display: 'grid' }}>
                <Icon name={iconOf(type)} size={16} />
              </span>
              <span>
                <span className={table.name}>{t(titleKey(type as EventType))}</span>
                <span className="muted small" style={{ display: 'block' }}>
                  {detailsOf(data, isWorded)
                    .map(([name, value]) => `${t(`detail.${name as 'name'}`)}: ${value}`)
                    .join(' · ')}
                </span>
              </span>
            </span>
          ),
        },
        {
          label: t('activity.whom'),
          cell: ({ account }) =>
            account ? (
              <Link href={`/p/${portal}/contributors/${account}`}>{nameOf(account)}</Link>
            ) : (
              <span className="muted">–</span>
            ),
        },
        {
          label: t('activity.by'),
          className: table.wide,
          cell: ({ actor, account }) =>
            actor.id && actor.id !== account && actor.kind !== 'service'
              ? nameOf(actor.id)
              : t(`activity.actor.${actor.kind}`),
        },
      ]}
    />
  );
}

function iconOf(type: string): IconName {
  if (kindOf(type).endsWith('locked')) return 'lock';
  if (type.includes('failed')) return 'alert';
  return type.startsWith('identity.') ? 'user' : 'shield';
}
