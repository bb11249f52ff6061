import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Those of the first part, and of the second those that are kept already. */
const RULES = [...Array.from({ length: 31 }, (_, i) => `R${String(i + 1).padStart(2, '0')}`), 'R49', 'R50'];

const specs = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.rules.spec.ts') && name !== 'every-rule.rules.spec.ts')
  .map((name) => ({ name, text: readFileSync(join(import.meta.dirname, name), 'utf8') }));

/** The names of all tests, as they stand in the specs; `it` and `it.each(…)`, never one that is skipped. */
const names = specs.flatMap(({ text }) =>
  [...text.matchAll(/\bit(?:\.each(?:<[^>]*>)?\([^;]*?\))?\(\s*(['"`])((?:(?!\1).)+)\1/g)].map(
    (match) => match[2] ?? '',
  ),
);

it.each(RULES)('%s has a test', (rule) => {
  expect(names.filter((name) => name.startsWith(`${rule} `))).not.toEqual([]);
});

it('every test of this folder begins with the id of a rule', () => {
  const elsewhere = names.filter((name) => !RULES.includes(name.slice(0, 3)));
  expect(elsewhere).toEqual([]);
});

it('no test of this folder is skipped or alone', () => {
  const marked = specs.filter(({ text }) =>
    /\b(?:it|test|describe)\.(?:skip|only|todo|failing)\b|\bx(?:it|describe)\(/.test(text),
  );
  expect(marked.map(({ name }) => name)).toEqual([]);
});
