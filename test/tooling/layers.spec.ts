import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = process.cwd();
const configFile = join(root, '.dependency-cruiser.cjs');
const { forbidden } = createRequire(import.meta.url)(configFile) as { forbidden: { name: string }[] };
const fixtures = join(root, 'test/fixtures/layers');

/** The names of the layer rules that the tree breaks. */
function rulesBroken(tree: string): string[] {
  const folders = ['apps', 'libs'].filter((folder) => existsSync(join(tree, folder)));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      configFile,
      '--output-type',
      'json',
      ...folders,
    ],
    { cwd: tree, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (!stdout) throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(summary.violations.map(({ rule }) => rule.name))];
}

describe('the layer rules', () => {
  it('have a fixture each', () => {
    expect(readdirSync(fixtures).sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it.each(forbidden.map(({ name }) => name))('%s is broken by its fixture', (name) => {
    expect(rulesBroken(join(fixtures, name))).toContain(name);
  });

  it('hold for the product', () => {
    expect(rulesBroken(root)).toEqual([]);
  });
});
