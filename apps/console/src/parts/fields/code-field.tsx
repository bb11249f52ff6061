import { useState } from 'react';
import { FieldError, Input, Label, Text, TextField } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../button.js';
import style from './field.module.css';
import { Ring } from '../ring.js';

/** What is sent as proof: the code of the app, or one of the backup codes. */
export type TypedCode = { code: string } | { backupCode: string };

interface Props {
  value: TypedCode;
  onChange: (typed: TypedCode) => void;
  autoFocus?: boolean;
  /** A new secret is confirmed by the app alone. */
  appOnly?: boolean;
}

export const noCode: TypedCode = { code: '' };

/** The field `code` of a form. Its text is in the form's state alone and goes with it. */
export function CodeField({ value, onChange, autoFocus, appOnly }: Props) {
  const { t } = useTranslation();
  const [toggled, setToggled] = useState(false);
  const backup = 'backupCode' in value;
  const text = 'code' in value ? value.code : value.backupCode;
  return (
    <div className="stack-s">
      <TextField
        key={backup ? 'backup' : 'app'}
        name="code"
        isRequired
        value={text}
        onChange={(typed) => onChange(backup ? { backupCode: typed } : { code: typed.replace(/[\s-]/g, '') })}
        className={style.field}
        autoFocus={autoFocus ?? toggled}
        autoComplete={backup ? 'off' : 'one-time-code'}
        inputMode={backup ? 'text' : 'numeric'}
        maxLength={backup ? 64 : 12}
        validate={(typed) => (backup || /^[0-9]{6}$/.test(typed) ? null : t('code.malformed'))}
      >
        <Label className={style.label}>{backup ? t('code.backup') : t('code.app')}</Label>
        <div className={`${style.code} ${backup ? style.backup : ''}`}>
          <Input className={style.input} spellCheck={false} autoCapitalize="none" />
          {!backup && <Ring />}
        </div>
        <Text slot="description" className={style.hint}>
          {backup ? t('code.backupHint') : t('code.appHint')}
        </Text>
        <FieldError className={style.error} />
      </TextField>
      {!appOnly && (
        <div>
          <Button
            look="quiet"
            onPress={() => {
              setToggled(true);
              onChange(backup ? { code: '' } : { backupCode: '' });
            }}
          >
            {backup ? t('code.useApp') : t('code.useBackup')}
          </Button>
        </div>
      )}
    </div>
  );
}
