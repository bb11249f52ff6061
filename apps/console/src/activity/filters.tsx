import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { eventTypes } from '../api/facts.js';
import type { Account } from '../api/queries.js';
import { Button } from '../parts/button.js';
import { Select } from '../parts/fields/choice.js';
import field from '../parts/fields/field.module.css';
import { TextField } from '../parts/fields/field.js';
import { Icon } from '../parts/icon.js';
import style from './activity.module.css';
import { titleKey } from './event-words.js';
import { type Filter, ranges, type RangeName } from './range.js';

interface Props {
  filter: Filter;
  onChange: (filter: Filter) => void;
  people: readonly Account[];
}

const everything = 'all';
const rangeNames = [...(Object.keys(ranges) as RangeName[]), 'custom'] as const;

export function Filters({ filter, onChange, people }: Props) {
  const { t } = useTranslation();
  const change = (to: Partial<Filter>) => onChange({ ...filter, ...to });
  const types = eventTypes
    .map((id) => ({ id: id, label: t(titleKey(id)) }))
    .sort((a, b) => a.label.localeCompare(b.label));
  return (
    <div className={style.filters}>
      <Person people={people} account={filter.account} onChange={(account) => change({ account })} />
      <Select
        label={t('activity.type')}
        value={filter.type ?? everything}
        options={[{ id: everything, label: t('activity.everyType') }, ...types]}
        onChange={(id) => change({ type: id === everything ? undefined : id })}
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
  );
}

interface PersonProps {
  people: readonly Account[];
  account: string | undefined;
  onChange: (account: string | undefined) => void;
}

function Person({ people, account, onChange }: PersonProps) {
  const { t } = useTranslation();
  const known = people.some(({ id }) => id === account);
  const items = [
    ...(account && !known ? [{ id: account, name: account }] : []),
    ...people.map(({ id, username, displayName }) => ({
      id,
      name: displayName ? `${username} · ${displayName}` : username,
    })),
  ];
  return (
    <ComboBox
      className={field.field}
      defaultItems={items}
      value={account ?? null}
      onChange={(key) => onChange(key === null ? undefined : String(key))}
    >
      <Label className={field.label}>{t('activity.person')}</Label>
      <div className={field.withButton}>
        <Input className={field.input} placeholder={t('activity.everybody')} />
        <Button look="icon" aria-label={t('activity.choose')}>
          <Icon name="down" />
        </Button>
      </div>
      <Popover className={field.popover}>
        <ListBox
          className={field.options}
          renderEmptyState={() => <p className={field.option}>{t('activity.nobody')}</p>}
        >
          {({ id, name }: { id: string; name: string }) => (
            <ListBoxItem id={id} textValue={name} className={field.option}>
              {name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

function localOf(iso: string | undefined): string {
  if (iso === undefined) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function isoOf(local: string): string | undefined {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
