import { useEffect, useRef, useState } from 'react';
import { Input, Label, Text, TextField } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../button.js';
import { Ring } from '../ring.js';
import style from './field.module.css';
import { FieldProblem } from './field-problem.js';
import type { FormState, TypedCode } from './use-form.js';

const SIX_DIGITS = /^[0-9]{6}$/;
/** As an authenticator of the account may have them; the page cannot know which has. */
const SIX_OR_EIGHT = /^(?:[0-9]{6}|[0-9]{8})$/;
/** After six digits that are typed one by one it waits so long for the seventh of eight. */
const REST_MS = 1000;
/** In groups or not, as it stands on paper or on a screen; of letters and digits as the server takes them. */
const BACKUP_CODE = /^(?:[A-Za-z2-7][\s\p{Dash_Punctuation}]*){16}$/u;

interface Props {
  form: Pick<FormState<{ code: TypedCode }>, 'typed' | 'set' | 'refusal'>;
  autoFocus?: boolean;
  /** A new secret is confirmed by the app alone, and has six digits (R05). */
  appOnly?: boolean;
}

/** The field `code` of a form, which is sent by the last digit where nothing else is missing. */
export function CodeField({ form: { typed, set, refusal }, autoFocus, appOnly }: Props) {
  const { t } = useTranslation();
  const [toggled, setToggled] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { code } = typed;
  const backup = 'backupCode' in code;
  const text = backup ? code.backupCode : code.code;

  const pattern = appOnly ? SIX_DIGITS : SIX_OR_EIGHT;
  const before = useRef('');

  useEffect(() => {
    // pasted or filled in by the browser, it is whole
    const atOnce = appOnly === true || text.length !== 6 || before.current === '';
    before.current = text;
    const form = input.current?.form;
    if (backup || !pattern.test(text) || !form || !isComplete(form)) return;
    if (atOnce) return form.requestSubmit();
    const timer = setTimeout(() => isComplete(form) && form.requestSubmit(), REST_MS);
    const callOff = () => clearTimeout(timer);
    form.addEventListener('submit', callOff);
    return () => {
      callOff();
      form.removeEventListener('submit', callOff);
    };
  }, [appOnly, backup, pattern, text]);

  function toggle() {
    setToggled(true);
    refusal.clear();
    set({ code: backup ? { code: '' } : { backupCode: '' } });
  }

  return (
    <div className="stack-s">
      <TextField
        key={backup ? 'backup' : 'app'}
        name="code"
        isRequired
        value={text}
        onChange={(next) => set({ code: backup ? { backupCode: next } : { code: next.replace(/[\s-]/g, '') } })}
        className={style.field}
        autoFocus={autoFocus ?? toggled}
        autoComplete={backup ? 'off' : 'one-time-code'}
        inputMode={backup ? 'text' : 'numeric'}
        maxLength={backup ? 64 : 12}
        validate={(next) => {
          if (backup) return BACKUP_CODE.test(next.trim()) ? null : t('code.malformedBackup');
          if (pattern.test(next)) return null;
          return appOnly ? t('code.malformedNew') : t('code.malformed');
        }}
      >
        <Label className={style.label}>{backup ? t('code.backup') : t('code.app')}</Label>
        <div className={`${style.code} ${backup ? style.backup : ''}`}>
          <Input ref={input} className={style.input} spellCheck={false} autoCapitalize="none" />
          {!backup && <Ring />}
        </div>
        <Text slot="description" className={style.hint}>
          {backup ? t('code.backupHint') : t('code.appHint')}
        </Text>
        <FieldProblem />
      </TextField>
      {!appOnly && (
        <>
          <div>
            <Button look="quiet" onPress={toggle}>
              {backup ? t('code.useApp') : t('code.useBackup')}
            </Button>
          </div>
          <p className="muted small">{t('code.lost')}</p>
        </>
      )}
    </div>
  );
}

/** Without telling the person what is missing, as a look at the form's own validity would. */
const isComplete = (form: HTMLFormElement): boolean =>
  [...form.elements].every((field) => !(field instanceof HTMLInputElement) || field.validity.valid);
