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
/** What the person has chosen here, and what the portal speaks that was here last. */
const chosen = 'twinlock.language';
const ofPortal = 'twinlock.portal-language';
/** What the application speaks that has sent the person here. */
let ofApplication: string | null = null;

function wantedLanguage(): string {
  const [own, portals] = [chosen, ofPortal].map((key) => localStorage.getItem(key)) as [string | null, string | null];
  const wanted = [own, ofApplication, portals, ...navigator.languages.map((tag) => new Intl.Locale(tag).language)];
  return wanted.find((tag) => tag !== null && languages.includes(tag)) ?? 'en';
}

export async function startLanguage(): Promise<void> {
  const language = wantedLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: await load(language) } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

/** As the person chooses, from now on here. */
export async function changeLanguage(language: string): Promise<void> {
  localStorage.setItem(chosen, language);
  await speak(language);
}

/** To who has chosen none; null: as the browser is set. */
export async function speakAsPortal(language: string | null): Promise<void> {
  if (language === null) localStorage.removeItem(ofPortal);
  else localStorage.setItem(ofPortal, language);
  await speak(wantedLanguage());
}

/** To who has chosen none. `locales`: BCP 47 tags, the most wanted first (OpenID Connect Core 1.0 §3.1.2.1). */
export async function speakAsAsked(locales: string): Promise<void> {
  const asked = locales.split(' ').map((tag) => tag.split('-', 1)[0]!.toLowerCase());
  ofApplication = asked.find((tag) => languages.includes(tag)) ?? null;
  await speak(wantedLanguage());
}

async function speak(language: string): Promise<void> {
  if (language === i18next.language) return;
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await load(language));
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** The language's name in itself. */
export const nameOf = (language: string): string =>
  new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;

const load = (language: string) => catalogues[`../locales/${language}.json`]!();
