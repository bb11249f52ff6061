import { type ReactNode, useState } from 'react';
import {
  Input,
  Label,
  NumberField as AriaNumberField,
  type NumberFieldProps,
  SearchField as AriaSearchField,
  type SearchFieldProps,
  Text as Described,
  TextArea,
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
        <Described slot="description" className={style.hint}>
          {hint}
        </Described>
      )}
      <FieldProblem />
    </>
  );
}

type Text = TextFieldProps & Worded;

/** `verbatim`: a name for machines, which no keyboard should better. */
export function TextField({ label, hint, verbatim, ...props }: Text & { verbatim?: boolean }) {
  return (
    <AriaTextField {...props} className={style.field}>
      <Frame label={label} hint={hint}>
        <Input className={style.input} {...(verbatim && { autoCapitalize: 'none', spellCheck: false })} />
      </Frame>
    </AriaTextField>
  );
}

/** Several lines for machines. */
export function LinesField({ label, hint, rows = 3, ...props }: Text & { rows?: number }) {
  return (
    <AriaTextField {...props} className={style.field}>
      <Frame label={label} hint={hint}>
        <TextArea className={`${style.input} ${style.lines}`} rows={rows} autoCapitalize="none" spellCheck={false} />
      </Frame>
    </AriaTextField>
  );
}

/** Whether it could be the id of a portal. */
export const isPortal = (text: string): boolean => /^[a-z0-9-]{1,63}$/.test(text);

/** The id of a portal. */
export function PortalField(props: Text) {
  const { t } = useTranslation();
  const validate = (text: string) => (isPortal(text) ? null : t('malformed.portal'));
  return <TextField isRequired verbatim {...props} validate={validate} />;
}

export function PasswordField({ label, hint, ...props }: Omit<Text, 'type'>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const type = shown ? 'text' : 'password';
  return (
    <AriaTextField
      isRequired
      autoComplete="current-password"
      {...props}
      type={type}
      className={style.field}
      maxLength={2048}
    >
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

/** A password that is yet to be taken: of 8 to 256 characters; none where none is required. */
export function NewPasswordField({ isRequired = true, ...props }: Omit<Text, 'type'>) {
  const { t } = useTranslation();
  const isTaken = ({ length }: string[]) => (length >= 8 && length <= 256) || (length === 0 && !isRequired);
  const validate = (text: string) => (isTaken([...text]) ? null : t('malformed.password'));
  return (
    <PasswordField
      isRequired={isRequired}
      hint={t('password.rule')}
      autoComplete="new-password"
      validate={validate}
      {...props}
    />
  );
}

/** A new password once more. */
export function RepeatedPasswordField({ of, ...props }: Omit<Text, 'type' | 'label'> & { of: string }) {
  const { t } = useTranslation();
  const validate = (text: string) => (text === of ? null : t('password.differs'));
  return <PasswordField label={t('password.again')} autoComplete="new-password" validate={validate} {...props} />;
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
