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

export function Filters({ filter, onChange, people }: Props) {
  const { t } = useTranslation();
  const { account, type, ...rest } = filter;
  return (
    <div className={style.filters}>
      <Person
        people={people}
        account={account}
        onChange={(chosen) => onChange({ ...rest, ...(type && { type }), ...(chosen && { account: chosen }) })}
      />
      <Select
        label={t('activity.type')}
        value={type ?? everything}
        options={[
          { id: everything, label: t('activity.everyType') },
          ...eventTypes
            .map((id) => ({ id: id, label: t(titleKey(id)) }))
            .sort((a, b) => a.label.localeCompare(b.label)),
        ]}
        onChange={(id) => onChange({ ...rest, ...(account && { account }), ...(id !== everything && { type: id }) })}
      />
      <Select
        label={t('activity.time')}
        value={filter.range}
        options={[...Object.keys(ranges), 'custom'].map((id) => ({
          id,
          label: t(`activity.range.${id as RangeName | 'custom'}`),
        }))}
        onChange={(range) => {
          const { from: _from, to: _to, ...kept } = filter;
          onChange({ ...kept, range: range as Filter['range'] });
        }}
      />
      {filter.range === 'custom' && (
        <>
          <Time
            label={t('activity.from')}
            value={filter.from}
            onChange={(from) => onChange(withTime(filter, { from }))}
          />
          <Time label={t('activity.to')} value={filter.to} onChange={(to) => onChange(withTime(filter, { to }))} />
        </>
      )}
    </div>
  );
}

function withTime(filter: Filter, change: { from?: string | undefined; to?: string | undefined }): Filter {
  const { from, to, ...kept } = { ...filter, ...change };
  return { ...kept, range: 'custom', ...(from && { from }), ...(to && { to }) };
}

function Person({
  people,
  account,
  onChange,
}: {
  people: readonly Account[];
  account: string | undefined;
  onChange: (account: string | undefined) => void;
}) {
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

/** The browser's own field for a local time. */
function Time({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (iso: string | undefined) => void;
}) {
  return (
    <TextField
      label={label}
      type="datetime-local"
      value={value ? localOf(value) : ''}
      onChange={(text) => {
        const at = new Date(text);
        onChange(Number.isNaN(at.getTime()) ? undefined : at.toISOString());
      }}
    />
  );
}

function localOf(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
