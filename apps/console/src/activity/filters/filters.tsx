import { useTranslation } from 'react-i18next';
import { eventTypes } from '../../api/facts.js';
import { useNames } from '../../api/names.js';
import { Button } from '../../parts/button.js';
import { MultiSelect, Select } from '../../parts/fields/choice.js';
import { TextField } from '../../parts/fields/field.js';
import { Icon } from '../../parts/icon.js';
import { isoOf, localOf } from '../../parts/use-time.js';
import style from '../activity.module.css';
import { titleKey } from '../events/event-words.js';
import { type Filter, rangeNames } from './filter.js';
import { Person } from './person.js';

interface Props {
  portal: string;
  filter: Filter;
  onChange: (filter: Filter) => void;
}

export function Filters({ portal, filter, onChange }: Props) {
  const { t } = useTranslation();
  const change = (to: Partial<Filter>) => onChange({ ...filter, ...to });
  const types = eventTypes
    .map((id: string) => ({ id, label: t(titleKey(id as (typeof eventTypes)[number])) }))
    .sort((a, b) => a.label.localeCompare(b.label));
  return (
    <div className="stack">
      <div className="columns">
        <Person portal={portal} account={filter.account} onChange={(account) => change({ account })} />
        <MultiSelect
          label={t('activity.type')}
          value={filter.types}
          options={types}
          all={t('activity.everyType')}
          some={(count) => t('activity.someTypes', { count })}
          onChange={(ids) => change({ types: ids })}
        />
        <Select
          label={t('activity.time')}
          value={filter.range}
          options={rangeNames.map((id) => ({ id, label: t(`activity.range.${id}`) }))}
          onChange={(range) => change({ range, from: undefined, to: undefined })}
        />
        {filter.range === 'custom' &&
          (['from', 'to'] as const).map((end) => (
            // the browser's own field for a local time
            <TextField
              key={end}
              label={t(`activity.${end}`)}
              type="datetime-local"
              value={localOf(filter[end])}
              onChange={(text) => change({ [end]: isoOf(text) })}
            />
          ))}
      </div>
      <Joined portal={portal} filter={filter} onChange={change} />
    </div>
  );
}

/** What a link of an event asked for; each can be taken back. */
function Joined({
  portal,
  filter,
  onChange,
}: {
  portal: string;
  filter: Filter;
  onChange: (to: Partial<Filter>) => void;
}) {
  const { t } = useTranslation();
  const { correlationId, actor } = filter;
  const names = useNames(portal, actor ? [actor] : []);
  if (!correlationId && !actor) return null;
  return (
    <div className="row">
      {correlationId && (
        <Taken
          label={t('activity.request', { id: correlationId })}
          onPress={() => onChange({ correlationId: undefined })}
        />
      )}
      {actor && (
        <Taken
          label={t('activity.actedBy', { name: names.get(actor) ?? actor })}
          onPress={() => onChange({ actor: undefined })}
        />
      )}
    </div>
  );
}

function Taken({ label, onPress }: { label: string; onPress: () => void }) {
  const { t } = useTranslation();
  return (
    <Button aria-label={t('activity.takeBack', { filter: label })} onPress={onPress}>
      <span className={style.taken}>{label}</span>
      <Icon name="close" size={14} />
    </Button>
  );
}
