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
import type { Account } from '../api/queries.js';
import field from '../parts/fields/field.module.css';
import { Icon } from '../parts/icon.js';
import { useLogOut } from './log-out.js';
import { usePreferences } from './preferences.js';
import style from './shell.module.css';

export function AccountMenu({ portal, account }: { portal: string; account: Account }) {
  const { t } = useTranslation();
  const { language, theme } = usePreferences();
  const name = account.displayName ?? account.username;
  const logOut = useLogOut(portal);

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
        <Menu className={field.options} onAction={(key) => key === 'log-out' && logOut()}>
          {[theme, language].map(({ label, options, value, choose }) => (
            <MenuSection
              key={label}
              selectionMode="single"
              selectedKeys={[value]}
              onSelectionChange={(keys) => choose([...keys][0] as string)}
              disallowEmptySelection
            >
              <Header className={style.menuHead}>{label}</Header>
              <Collection items={options}>{(option) => <Choice {...option} />}</Collection>
            </MenuSection>
          ))}
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
