import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { account as accountQuery, accountsLike } from '../../api/queries.js';
import { Button } from '../../parts/button.js';
import field from '../../parts/fields/field.module.css';
import { Icon } from '../../parts/icon.js';
import { useRested } from '../../parts/use-rested.js';

interface Props {
  portal: string;
  account: string | undefined;
  onChange: (account: string | undefined) => void;
}

interface Named {
  username: string;
  displayName: string | null;
}
const nameOf = ({ username, displayName }: Named) => (displayName ? `${username} · ${displayName}` : username);

/** A person of the portal, however many it has: the server looks for what is typed. */
export function Person({ portal, account = '', onChange }: Props) {
  const { t } = useTranslation();
  const chosen = useQuery({ ...accountQuery(portal, account), enabled: account !== '' }).data;
  const chosenName = chosen?.id === account ? nameOf(chosen) : account;
  const [typed, setTyped] = useState<string>();
  // what stands there because it was chosen is not looked for
  const text = useRested(typed === undefined || typed === chosenName ? '' : typed);
  const { data: found = [] } = useQuery({ ...accountsLike(portal, text), enabled: typed !== undefined });
  const items = found.filter(({ id }) => id !== account).map((each) => ({ id: each.id, name: nameOf(each) }));
  if (account) items.push({ id: account, name: chosenName });
  return (
    <ComboBox
      className={field.field}
      items={items}
      allowsEmptyCollection
      value={account || null}
      onChange={(key) => onChange(key === null ? undefined : String(key))}
      onInputChange={setTyped}
      onFocus={() => setTyped((present) => present ?? '')}
    >
      <Label className={field.label}>{t('activity.personFilter')}</Label>
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
