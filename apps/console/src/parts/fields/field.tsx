import { type ReactNode, useState } from 'react';
import {
  Input,
  Label,
  NumberField as AriaNumberField,
  type NumberFieldProps,
  SearchField as AriaSearchField,
  type SearchFieldProps,
  Text,
  TextField as AriaTextField,
  type TextFieldProps,
} from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Button } from '../button.js';
import style from './field.module.css';
import { FieldProblem } from './field-problem.js';
import { Icon } from '../icon.js';

interface Worded {
  label: string;
  hint?: ReactNode;
}

/** Around each input: its label before it, what helps and what is wrong after it. */
function Frame({ label, hint, children }: Worded & { children: ReactNode }) {
  return (
    <>
      <Label className={style.label}>{label}</Label>
      {children}
      {hint && (
        <Text slot="description" className={style.hint}>
          {hint}
        </Text>
      )}
      <FieldProblem />
    </>
  );
}

/** `verbatim`: a name for machines, which no keyboard should better. */
export function TextField({ label, hint, verbatim, ...props }: TextFieldProps & Worded & { verbatim?: boolean }) {
  return (
    <AriaTextField {...props} className={style.field}>
      <Frame label={label} hint={hint}>
        <Input className={style.input} {...(verbatim && { autoCapitalize: 'none', spellCheck: false })} />
      </Frame>
    </AriaTextField>
  );
}

export function PasswordField({ label, hint, ...props }: Omit<TextFieldProps, 'type'> & Worded) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <AriaTextField {...props} type={shown ? 'text' : 'password'} className={style.field} maxLength={2048}>
      <Frame label={label} hint={hint}>
        <div className={style.withButton}>
          <Input className={style.input} spellCheck={false} autoCapitalize="none" />
          <Button
            look="icon"
            aria-label={shown ? t('field.hide', { field: label }) : t('field.show', { field: label })}
            onPress={() => setShown(!shown)}
          >
            <Icon name={shown ? 'eye-off' : 'eye'} />
          </Button>
        </div>
      </Frame>
    </AriaTextField>
  );
}

/** A whole number counts while it is typed: who presses the button beside it need not leave the field first. */
export function NumberField({ label, hint, ...props }: NumberFieldProps & Worded) {
  const { minValue = 0, maxValue = Number.MAX_SAFE_INTEGER, onChange } = props;
  const take = (text: string) => {
    const number = Number(text);
    if (String(number) === text && number >= minValue && number <= maxValue) onChange?.(number);
  };
  return (
    <AriaNumberField {...props} className={style.field}>
      <Frame label={label} hint={hint}>
        <Input className={style.input} onInput={({ currentTarget }) => take(currentTarget.value)} />
      </Frame>
    </AriaNumberField>
  );
}

export function SearchField({ label, ...props }: SearchFieldProps & { label: string }) {
  const { t } = useTranslation();
  return (
    <AriaSearchField {...props} aria-label={label} className={style.field}>
      <div className={style.withButton}>
        <Input className={style.input} placeholder={label} />
        {props.value && (
          <Button look="icon" aria-label={t('field.clear')}>
            <Icon name="close" />
          </Button>
        )}
      </div>
    </AriaSearchField>
  );
}
