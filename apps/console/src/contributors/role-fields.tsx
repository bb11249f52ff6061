import { useTranslation } from 'react-i18next';
import type { Account } from '../api/queries.js';
import { Checkbox, Select } from '../parts/fields/choice.js';

export type Role = Pick<Account, 'type' | 'admin'>;

const types = ['contributor', 'power-reader'] as const;

/** Administrators are Contributors (R04). */
export function RoleFields({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Select
        label={t('account.role')}
        options={types.map((id) => ({ id, label: t(`account.${id}`) }))}
        value={value.type}
        onChange={(id) => {
          const type = types.find((each) => each === id)!;
          onChange({ type, admin: value.admin && type === 'contributor' });
        }}
      />
      <Checkbox
        isSelected={value.admin}
        isDisabled={value.type !== 'contributor'}
        onChange={(admin) => onChange({ ...value, admin })}
      >
        {t('account.administrator')}
        <span className="muted small" style={{ display: 'block' }}>
          {t('contributors.adminHint')}
        </span>
      </Checkbox>
    </>
  );
}
