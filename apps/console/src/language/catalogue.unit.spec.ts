import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf } from '../api/event-kind.js';
import { eventTypes, portalLanguages, problemCodes } from '../api/facts.js';

type Words = { [key: string]: string | Words };

const source = join(process.cwd(), 'apps/console/src');
const locales = readdirSync(join(source, 'locales'));
const catalogue = (file: string) => JSON.parse(readFileSync(join(source, 'locales', file), 'utf8')) as Words;

function* wordsOf(words: Words, path = ''): Generator<[string, string]> {
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') yield [path + key, value];
    else yield* wordsOf(value, `${path}${key}.`);
  }
}
/** `left_one` and `left_other` are one key; a language may have other plural forms. */
const keysOf = (words: Words) =>
  [...new Set([...wordsOf(words)].map(([key]) => key.replace(/_(zero|one|two|few|many|other)$/, '')))].sort();

const english = catalogue('en.json');
const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.(spec|d)\.ts$/.test(file))
  .map((file) => readFileSync(join(source, file), 'utf8'))
  .join('\n');
/** `t('a.b')` names a key, `t(`a.${x}`)` all that begin so. */
const named = new Set([...code.matchAll(/'([a-zA-Z]+(?:\.[a-zA-Z0-9_-]+)+)'/g)].map(([, key]) => key!));
const patterns = [...code.matchAll(/`([a-zA-Z]+\.[^`]*\$\{[^`]*)`/g)].map(
  ([, text]) => new RegExp(`^${text!.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[^.]+')}$`),
);
const isUsed = (key: string) =>
  named.has(key) || patterns.some((pattern) => pattern.test(key)) || /^(problem|malformed)\./.test(key);

describe.each(locales)('the catalogue %s', (file) => {
  const words = catalogue(file);

  it('has the keys that the English one has', () => {
    expect(keysOf(words)).toEqual(keysOf(english));
  });

  it('has the plural forms of its language', () => {
    const { pluralCategories } = new Intl.PluralRules(file.replace('.json', '')).resolvedOptions();
    const keys = new Set([...wordsOf(words)].map(([key]) => key));
    for (const key of keys) {
      const [, stem] = /^(.*)_other$/.exec(key) ?? [];
      if (stem)
        expect([...keys].filter((each) => each.startsWith(`${stem}_`)).sort()).toEqual(
          pluralCategories.map((category) => `${stem}_${category}`).sort(),
        );
    }
  });

  it('fills in the same values', () => {
    const values = (text: string) => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort();
    const wanted = new Map([...wordsOf(english)].map(([key, text]) => [key, values(text)]));
    for (const [key, text] of wordsOf(words))
      expect([key, values(text)]).toEqual([key, wanted.get(key) ?? values(text)]);
  });

  it('has no empty words', () => {
    expect([...wordsOf(words)].filter(([, text]) => text.trim() === '')).toEqual([]);
  });
});

it('every language of the catalogue is one that a portal can have', () => {
  expect(locales.map((file) => file.replace('.json', '')).sort()).toEqual([...portalLanguages]);
});

describe('the keys', () => {
  it('are all used', () => {
    expect(keysOf(english).filter((key) => !isUsed(key))).toEqual([]);
  });

  it('of events are the events that there are', () => {
    const kinds = eventTypes.map((type) => kindOf(type).split('.')[1]);
    expect(keysOf(english.event as Words)).toEqual([...new Set(kinds)].sort());
  });

  it('of problems are codes that the server has', () => {
    const own = ['clock-ahead', 'clock-behind', 'connection', 'wait-minutes', 'wrong-code-left'];
    const codes = keysOf(english.problem as Words).map((key) => key.split('.').at(-1)!);
    expect(codes.filter((key) => !own.includes(key) && !(problemCodes as readonly string[]).includes(key))).toEqual([]);
  });
});
