import { useTranslation } from 'react-i18next';
import { settingFields } from '../api/facts.js';
import { Switch } from '../parts/fields/choice.js';
import type { useDraft } from '../parts/fields/draft.js';
import { NumberField } from '../parts/fields/field.js';

type Name = (typeof settingFields)[number]['name'];
export type SettingValues = Record<Name, boolean | number>;

interface Props {
  draft: Pick<ReturnType<typeof useDraft<SettingValues>>, 'value' | 'set' | 'field'>;
  onSwitch: () => void;
}

/** One field for each setting of the contract: what it may hold is said there, its words in the catalogue. */
export function SettingFields({ draft, onSwitch }: Props) {
  const { t } = useTranslation();
  return settingFields.map((field) => {
    const { name } = field;
    const label = t(`settings.fields.${name}.label`);
    const hint = t(`settings.fields.${name}.hint`, field);
    const { value, onChange, ...own } = draft.field(name);
    if (field.type === 'integer') {
      return (
        <NumberField
          key={name}
          {...own}
          label={label}
          hint={hint}
          isRequired
          minValue={field.minimum}
          maxValue={field.maximum}
          value={Number(value)}
          onChange={onChange}
        />
      );
    }
    const toggle = (on: boolean) => {
      onSwitch();
      onChange(on);
    };
    return (
      <div key={name} className="stack-s">
        <Switch isSelected={value === true} onChange={toggle}>
          {label}
        </Switch>
        <p className="muted small">{hint}</p>
      </div>
    );
  });
}

/** A setting's label and its present value, as words. */
export function useSettingWords(now: SettingValues) {
  const { t } = useTranslation();
  return (name: Name) => {
    const value = now[name];
    const words = value === true ? t('twoFactor.status.enabled') : t('twoFactor.status.none');
    return [t(`settings.fields.${name}.label`), typeof value === 'number' ? String(value) : words] as const;
  };
}
