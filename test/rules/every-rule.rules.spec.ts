import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const textsOf = (folder: string, isMeant: (name: string) => boolean) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(isMeant)
    .map((name) => ({ name: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }));

/** The ids of docs/rules.md, in its order. */
const documented = [...readFileSync(join(root, 'docs/rules.md'), 'utf8').matchAll(/^- \*\*(R\d\d)\*\* \S/gm)].map(
  ([, id]) => id!,
);

const specs = textsOf('test/rules', (name) => name.endsWith('.rules.spec.ts') && !name.startsWith('every-rule'));

/** The names of all tests, as they stand in the specs; `it` and `it.each(…)`, never one that is skipped. */
const names = specs.flatMap(({ text }) =>
  [...text.matchAll(/\bit(?:\.each(?:<[^>]*>)?\([^;]*?\))?\(\s*(['"`])((?:(?!\1).)+)\1/g)].map(
    (match) => match[2] ?? '',
  ),
);

it.each(documented)('%s has a test', (rule) => {
  expect(names.filter((name) => name.startsWith(`${rule} `))).not.toEqual([]);
});

it('every test of this folder begins with the id of a rule of docs/rules.md', () => {
  expect(names.filter((name) => !documented.includes(name.slice(0, 3)))).toEqual([]);
});

it('docs/rules.md names each rule once, in order', () => {
  expect(documented).toEqual([...new Set(documented)].sort());
});

it('every rule that code, documents or other tests name stands in docs/rules.md', () => {
  const read = ['apps', 'libs', 'test', 'docs', 'scripts', 'examples', 'bench'].flatMap((folder) =>
    textsOf(folder, (name) => /\.(?:tsx?|mjs|md)$/.test(name)),
  );
  const unknown = read.flatMap(({ name, text }) =>
    [...text.matchAll(/\bR\d\d\b/g)].filter(([id]) => !documented.includes(id)).map(([id]) => `${name}: ${id}`),
  );
  expect(unknown).toEqual([]);
});

it('no test of this folder is skipped or alone', () => {
  const marked = specs.filter(({ text }) =>
    /\b(?:it|test|describe)\.(?:skip|only|todo|failing)\b|\bx(?:it|describe)\(/.test(text),
  );
  expect(marked.map(({ name }) => name)).toEqual([]);
});
