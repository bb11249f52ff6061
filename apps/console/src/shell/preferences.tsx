import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeLanguage, languages, nameOf } from '../language/i18n.js';
import { Select } from '../parts/fields/choice.js';
import { chooseTheme, chosenTheme, themes } from './theme.js';

interface Preference {
  label: string;
  options: readonly { id: string; label: string }[];
  value: string;
  choose: (id: string) => void;
}

/** What each person sets for this browser. */
export function usePreferences(): Record<'language' | 'theme', Preference> {
  const { t, i18n } = useTranslation();
  const [theme, setTheme] = useState(chosenTheme);
  return {
    language: {
      label: t('shell.language'),
      options: languages.map((id) => ({ id, label: nameOf(id) })),
      value: i18n.language,
      choose: (id) => void changeLanguage(id),
    },
    theme: {
      label: t('shell.theme'),
      options: themes.map((id) => ({ id, label: t(`shell.themes.${id}`) })),
      value: theme,
      choose: (id) => setTheme(chooseTheme(id)),
    },
  };
}

/** Where no account menu is: before a login. */
export function Preferences() {
  const { language, theme } = usePreferences();
  return [language, theme].map(({ choose, ...preference }) => (
    <Select key={preference.label} compact {...preference} onChange={choose} />
  ));
}
