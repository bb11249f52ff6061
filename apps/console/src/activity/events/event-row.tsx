import { memo } from 'react';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { kindOf } from '../../api/event-kind.js';
import type { RecordedEvent } from '../../api/queries.js';
import { Icon, type IconName } from '../../parts/icon.js';
import table from '../../parts/list/table.module.css';
import style from '../activity.module.css';
import { EventDetail } from './event-detail.js';
import { detailsOf, titleOf } from './event-words.js';
import { personOf, whenceOf } from './origin.js';

export interface EventProps {
  portal: string;
  event: RecordedEvent;
  /** Null: the portal has no such account, or none any more; undefined: not known yet, or there is none. */
  accountName: string | null | undefined;
  actorName: string | null | undefined;
}
interface Props extends EventProps {
  time: Intl.DateTimeFormat;
  isOpen: boolean;
  onToggle: (id: string) => void;
}

/** An event, and beneath it, when it is open, all of it. */
export const EventRow = memo(function EventRow({ time, isOpen, onToggle, ...props }: Props) {
  const { portal, event, accountName, actorName } = props;
  const { id, type, account, actor, data } = event;
  const { t, i18n } = useTranslation();
  const person = personOf(event);
  const details = detailsOf(data, person === 'gone' ? undefined : person, {
    hasWord: (name) => i18n.exists(`detail.${name}`),
    ofValue: (name, value) => {
      if (name === 'expiresAt') return time.format(Date.parse(value));
      const key = `value.${name}.${value}`;
      return i18n.exists(key) ? t(key as 'value.reason.add') : undefined;
    },
  });
  const detailId = `event-${id}`;
  return (
    <>
      <tr role="row" className={isOpen ? style.isOpen : undefined}>
        <td role="cell" className={table.time}>
          <time dateTime={event.time}>{time.format(Date.parse(event.time))}</time>
        </td>
        <td role="rowheader">
          {/* the browser's own: rows are many */}
          <button
            type="button"
            className={style.disclosure}
            aria-expanded={isOpen}
            aria-controls={isOpen ? detailId : undefined}
            onClick={() => onToggle(id)}
          >
            <span className={style.arrow}>
              <Icon name="forward" size={14} />
            </span>
            <span className={style.kind}>
              <Icon name={iconOf(type)} size={16} />
            </span>
            <span>
              <span className={table.name}>{t(titleOf(event))}</span>
              {details.length > 0 && (
                <span className={style.line}>
                  {details.map(([name, value]) => `${t(`detail.${name as 'name'}`)}: ${value}`).join(' · ')}
                </span>
              )}
              {person === 'gone' && <span className={style.line}>{t('activity.gone')}</span>}
            </span>
          </button>
        </td>
        <td role="cell">
          {account ? (
            <Link href={`/p/${portal}/contributors/${account}`}>{accountName ?? account}</Link>
          ) : (
            <span className="muted">–</span>
          )}
        </td>
        <td role="cell" data-label={t('activity.by')}>
          {actor.id && actor.id !== account && actor.kind !== 'service'
            ? (actorName ?? actor.id)
            : t(`activity.actor.${actor.kind}`)}
        </td>
        <td role="cell" data-label={t('activity.whence')}>
          <Whence event={event} />
        </td>
      </tr>
      {isOpen && (
        <tr role="row" className={style.detailRow} id={detailId}>
          <td role="cell" colSpan={5}>
            <EventDetail {...props} />
          </td>
        </tr>
      )}
    </>
  );
});

function Whence({ event }: { event: RecordedEvent }) {
  const { t } = useTranslation();
  const { address, device, told, gone } = whenceOf(event);
  const word = told && t('activity.told');
  return (
    <>
      {gone ? <span className="muted">{t('activity.gone')}</span> : (address ?? device ?? '')}
      <span className={style.line}>
        {[address && device, word, t(`activity.entrance.${event.context.entrance}`)].filter(Boolean).join(' · ')}
      </span>
    </>
  );
}

function iconOf(type: string): IconName {
  if (kindOf(type).endsWith('locked')) return 'lock';
  if (type.includes('failed')) return 'alert';
  return type.startsWith('identity.') ? 'user' : 'shield';
}
