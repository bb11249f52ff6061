import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  Button,
  Collection,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { api, reply } from '../api/client.js';
import type { Account } from '../api/queries.js';
import { tellOtherWindows } from '../api/windows.js';
import { changeLanguage, languages, nameOf } from '../language/i18n.js';
import field from '../parts/fields/field.module.css';
import { Icon } from '../parts/icon.js';
import { useComplaint } from '../parts/overlays/complaint.js';
import { tell } from '../parts/overlays/toast.js';
import { loginPath } from './places.js';
import { themes } from './preferences.js';
import style from './shell.module.css';
import { chooseTheme, chosenTheme, type Theme } from './theme.js';

export function AccountMenu({ portal, account }: { portal: string; account: Account }) {
  const { t, i18n } = useTranslation();
  const complain = useComplaint();
  const [theme, setTheme] = useState(chosenTheme);
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const name = account.displayName ?? account.username;

  async function logOut() {
    try {
      await reply(api.POST('/v1/logout'));
    } catch (error) {
      return complain(error);
    }
    queries.clear();
    tellOtherWindows('changed');
    navigate(loginPath(portal));
    tell(t('shell.loggedOut'));
  }

  return (
    <MenuTrigger>
      <Button className={style.person}>
        <span className={style.face} aria-hidden>
          {[...name][0]!.toUpperCase()}
        </span>
        <span>
          <span>{name}</span>
          <span className="muted small">
            {account.admin ? t('account.administrator') : t(`account.${account.type}`)}
          </span>
        </span>
      </Button>
      <Popover className={field.popover}>
        <Menu
          className={field.options}
          onAction={(key) => {
            if (key === 'log-out') void logOut();
          }}
        >
          <MenuSection
            selectionMode="single"
            selectedKeys={[theme]}
            onSelectionChange={(keys) => {
              const next = [...keys][0] as Theme;
              setTheme(next);
              chooseTheme(next);
            }}
            disallowEmptySelection
          >
            <Header className={style.menuHead}>{t('shell.theme')}</Header>
            <Collection items={themes.map((id) => ({ id }))}>
              {({ id }) => <Choice id={id} label={t(`shell.themes.${id}`)} />}
            </Collection>
          </MenuSection>
          <MenuSection
            selectionMode="single"
            selectedKeys={[i18n.language]}
            onSelectionChange={(keys) => void changeLanguage([...keys][0] as string)}
            disallowEmptySelection
          >
            <Header className={style.menuHead}>{t('shell.language')}</Header>
            <Collection items={languages.map((id) => ({ id }))}>
              {({ id }) => <Choice id={id} label={nameOf(id)} />}
            </Collection>
          </MenuSection>
          <Separator className={style.menuLine} />
          <MenuItem id="log-out" className={field.option} textValue={t('shell.logOut')}>
            <Icon name="out" />
            {t('shell.logOut')}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function Choice({ id, label }: { id: string; label: string }) {
  return (
    <MenuItem id={id} className={field.option} textValue={label}>
      {({ isSelected }) => (
        <>
          <span style={{ width: 18, display: 'grid' }}>{isSelected && <Icon name="check" size={16} />}</span>
          {label}
        </>
      )}
    </MenuItem>
  );
}
