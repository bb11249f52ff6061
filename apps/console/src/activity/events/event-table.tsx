import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type NamesById, useNames } from '../../api/names.js';
import type { RecordedEvent } from '../../api/queries.js';
import table from '../../parts/list/table.module.css';
import style from '../activity.module.css';
import { EventRow } from './event-row.js';

interface Props {
  portal: string;
  /** Newest first. */
  events: readonly RecordedEvent[];
  open: ReadonlySet<string>;
  onToggle: (id: string) => void;
}

const idsOf = ({ account, actor }: RecordedEvent) =>
  [account, actor.kind === 'service' ? undefined : actor.id].filter((id) => id !== undefined);

export function EventTable({ portal, events, open, onToggle }: Props) {
  const { t, i18n } = useTranslation();
  const [zone] = useState(() => new Intl.DateTimeFormat().resolvedOptions().timeZone);
  const time = useMemo(
    () => new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'medium' }),
    [i18n.language],
  );
  const ids = useMemo(() => [...new Set(events.flatMap(idsOf))], [events]);
  const names: NamesById = useNames(portal, ids);
  const when = t('activity.when', { zone });
  const columns = [when, t('activity.what'), t('activity.whom'), t('activity.by'), t('activity.whence')];
  return (
    <>
      <p className={style.zone} aria-hidden>
        {when}
      </p>
      <table role="table" aria-label={t('activity.events')} className={`${table.table} ${style.events}`}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((label) => (
              <th key={label} role="columnheader" scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {events.map((event) => (
            <EventRow
              key={event.id}
              portal={portal}
              event={event}
              time={time}
              accountName={event.account && names.get(event.account)}
              actorName={event.actor.id && names.get(event.actor.id)}
              isOpen={open.has(event.id)}
              onToggle={onToggle}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}
