import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance } from 'i18next';

const locales = join(import.meta.dirname, '../../../apps/console/src/locales');

/** The page's words in a language, by the keys of its catalogue and as the page fills them in. */
export function wordsOf(language: string) {
  const i18n = createInstance();
  const translation = JSON.parse(readFileSync(join(locales, `${language}.json`), 'utf8')) as object;
  void i18n.init({
    lng: language,
    resources: { [language]: { translation } },
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  return (key: string, values: Record<string, string | number> = {}): string => {
    if (!i18n.exists(key, values)) throw new Error(`no text ${key} in ${language}.json`);
    return i18n.t(key, values);
  };
}

/** In English, which the screens of the tests speak unless told otherwise. */
export const t = wordsOf('en');
