import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = process.cwd();
const configFile = join(root, '.dependency-cruiser.cjs');
const { forbidden } = createRequire(import.meta.url)(configFile) as { forbidden: { name: string }[] };
const fixtures = join(root, 'test/fixtures/layers');

/** Looks at one tree after the other in a single process, since most of its time goes into the start. */
const cruiseEach = `
  const [config, ...trees] = process.argv.slice(1);
  const { cruise } = await import('dependency-cruiser');
  const { default: ruleSet } = await import(config);
  const broken = {};
  for (const [tree, folders] of trees.map((tree) => JSON.parse(tree))) {
    process.chdir(tree);
    const { output } = await cruise(folders, { ...ruleSet.options, ruleSet, validate: true });
    broken[tree] = [...new Set(output.summary.violations.map(({ rule }) => rule.name))];
  }
  console.log(JSON.stringify(broken));
`;

/** By tree, the names of the layer rules that it breaks. */
function rulesBroken(trees: readonly string[]): Record<string, string[]> {
  const foldersOf = (tree: string) => ['apps', 'libs', 'bench'].filter((folder) => existsSync(join(tree, folder)));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      cruiseEach,
      configFile,
      ...trees.map((tree) => JSON.stringify([tree, foldersOf(tree)])),
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, string[]>;
}

describe('the layer rules', () => {
  const names = forbidden.map(({ name }) => name);
  const fixtureOf = (name: string) => join(fixtures, name);
  const broken = rulesBroken([root, ...names.map(fixtureOf)]);

  it('have a fixture each', () => {
    expect(readdirSync(fixtures).sort()).toEqual(names.sort());
  });

  it.each(names)('%s is broken by its fixture', (name) => {
    expect(broken[fixtureOf(name)]).toContain(name);
  });

  it('hold for the product', () => {
    expect(broken[root]).toEqual([]);
  });
});
