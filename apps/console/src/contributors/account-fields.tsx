import type { TextFieldProps } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { Account } from '../api/queries.js';
import type { FieldOf } from '../language/use-sentences.js';
import { Checkbox, Select } from '../parts/fields/choice.js';
import { TextField } from '../parts/fields/field.js';

export type Role = Pick<Account, 'type' | 'admin'>;

const types = ['contributor', 'power-reader'] as const;

/** What the account is called: by people, and by the software that it is an account of. */
export function NameFields({
  form,
  autoFocus = false,
}: {
  form: { field: (name: 'username' | 'externalId') => TextFieldProps };
  autoFocus?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <>
      <TextField
        {...form.field('username')}
        label={t('account.username')}
        isRequired
        verbatim
        autoComplete="off"
        autoFocus={autoFocus}
      />
      <TextField
        {...form.field('externalId')}
        label={t('account.externalId')}
        hint={t('contributors.externalIdHint')}
        verbatim
        maxLength={255}
        autoComplete="off"
      />
    </>
  );
}

/** What a refusal of a name is shown beside. */
export const fieldOfName: FieldOf = {
  'username-taken': 'username',
  'external-id-taken': 'externalId',
  'sso-subject-taken': 'ssoSubject',
};

/** How the portal's identity provider names the person. */
export function SsoSubjectField({ form }: { form: { field: (name: 'ssoSubject') => TextFieldProps } }) {
  const { t } = useTranslation();
  return (
    <TextField
      {...form.field('ssoSubject')}
      label={t('account.ssoSubject')}
      hint={t('contributors.ssoSubjectHint')}
      verbatim
      maxLength={255}
      autoComplete="off"
    />
  );
}

/** Name and address. */
export function PersonFields({ form }: { form: { field: (name: 'displayName' | 'email') => TextFieldProps } }) {
  const { t } = useTranslation();
  return (
    <>
      <TextField {...form.field('displayName')} label={t('account.displayName')} maxLength={256} autoComplete="off" />
      <TextField {...form.field('email')} label={t('account.email')} type="email" maxLength={320} autoComplete="off" />
    </>
  );
}

/** Administrators are Contributors (R04). */
export function RoleFields({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Select
        label={t('account.role')}
        options={types.map((id) => ({ id, label: t(`account.${id}`) }))}
        value={value.type}
        onChange={(type) => onChange({ type, admin: value.admin && type === 'contributor' })}
      />
      <Checkbox
        isSelected={value.admin}
        isDisabled={value.type !== 'contributor'}
        onChange={(admin) => onChange({ type: value.type, admin })}
      >
        {t('account.administrator')}
        <span className="muted small" style={{ display: 'block' }}>
          {t('contributors.adminHint')}
        </span>
      </Checkbox>
    </>
  );
}
