import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeLanguage, languages, nameOf } from '../language/i18n.js';
import { Select } from '../parts/fields/choice.js';
import { chooseTheme, chosenTheme, type Theme } from './theme.js';

/** Language and colours, where no account menu is: before a login. */
export function Preferences() {
  const { t, i18n } = useTranslation();
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <>
      <Select
        compact
        label={t('shell.language')}
        options={languages.map((id) => ({ id, label: nameOf(id) }))}
        value={i18n.language}
        onChange={(language) => void changeLanguage(language)}
      />
      <Select
        compact
        label={t('shell.theme')}
        options={themes.map((id) => ({ id, label: t(`shell.themes.${id}`) }))}
        value={theme}
        onChange={(id) => {
          setTheme(id as Theme);
          chooseTheme(id as Theme);
        }}
      />
    </>
  );
}

export const themes = ['system', 'light', 'dark'] as const satisfies Theme[];
