import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type english from '../locales/en.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof english };
  }
}

const catalogues = import.meta.glob<typeof english>('../locales/*.json', { import: 'default' });
/** Every file of `locales` is a language. */
export const languages = Object.keys(catalogues).map((path) => /([^/]+)\.json$/.exec(path)![1]!);
const remembered = 'twinlock.language';

export async function startLanguage(): Promise<void> {
  const wanted = [localStorage.getItem(remembered), ...navigator.languages.map((tag) => new Intl.Locale(tag).language)];
  const language = wanted.find((tag) => tag !== null && languages.includes(tag)) ?? 'en';
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: await load(language) } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

export async function changeLanguage(language: string): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await load(language));
  }
  localStorage.setItem(remembered, language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** The language's name in itself. */
export const nameOf = (language: string): string =>
  new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;

const load = (language: string) => catalogues[`../locales/${language}.json`]!();
