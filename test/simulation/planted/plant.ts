import { spawn } from 'node:child_process';
import { copyFile, cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { type PlantedFault, plantedFaults } from './faults.js';

/*
 * `npm run simulate:planted [-- --seeds N] [-- name…]`: plants each fault in a copy of what is built, and simulates until it is
 * found, with 2,000 seeds at most. Prints a table; ends with 1 if one was not found, or not by a rule that it breaks.
 */

const ATTEMPTS_OF_A_WORLD = 400;
const root = resolve(import.meta.dirname, '../../../..');

interface Found {
  /** Rules whose predicates complained; of an error that was logged or thrown there is none. */
  readonly rules: readonly string[];
  readonly seeds: number;
  readonly attempts: number;
  readonly story: string;
}

const tell = (line: string) => void process.stdout.write(`${line}\n`);
const { values, positionals: asked } = parseArgs({
  options: { seeds: { type: 'string', default: '2000' } },
  allowPositionals: true,
});
const mostSeeds = Number(values.seeds);
const chosen = plantedFaults.filter(({ name }) => asked.length === 0 || asked.includes(name));
tell('| fault | found by | seeds | attempts |\n| --- | --- | ---: | ---: |');
let failed = chosen.length === 0;
for (const fault of chosen) {
  const found = await search(fault);
  const isExpected = found?.rules.some((rule) => fault.expects.includes(rule));
  failed ||= !isExpected;
  const by = found ? `${found.rules.join(', ') || 'an error'}${isExpected ? '' : ' (not expected)'}` : 'nothing';
  tell(`| ${fault.name} | ${by} | ${found?.seeds ?? mostSeeds} | ${found?.attempts ?? ''} |`);
  if (!isExpected || asked.length > 0) process.stderr.write(found?.story ?? '');
}
process.exit(failed ? 1 : 0);

/** Undefined: no seed found it. */
async function search(fault: PlantedFault): Promise<Found | undefined> {
  const copy = await mkdtemp(join(tmpdir(), 'planted-'));
  try {
    await copyFile(join(root, 'package.json'), join(copy, 'package.json'));
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const part of ['apps', 'libs', 'test/simulation', 'test/support'])
      await cp(join(root, 'dist', part), join(copy, 'dist', part), { recursive: true });
    await plant(fault, copy);
    return foundIn(fault, await simulate(copy));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function plant({ name, file, find, put }: PlantedFault, copy: string): Promise<void> {
  const source = await readFile(join(root, file), 'utf8');
  if (source.split(find).length !== 2) throw new Error(`${name}: what is to be changed stands not once in ${file}`);
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: ts.CompilerOptions };
  };
  const options = { ...config.compilerOptions, module: 'esnext' as never, sourceMap: false };
  // a function, so that `$` in it is no pattern
  const changed = source.replace(find, () => put);
  await writeFile(join(copy, 'dist', file.replace(/\.ts$/, '.js')), ts.transpile(changed, options, file));
}

async function simulate(copy: string): Promise<string> {
  const run = join(copy, 'dist/test/simulation/simulate.js');
  const child = spawn(process.execPath, ['--no-warnings', run, '--seeds', `1-${mostSeeds}`, '--whole'], {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  await new Promise((end) => child.on('close', end));
  return output;
}

function foundIn({ name }: PlantedFault, output: string): Found | undefined {
  if (output.includes('nothing was found')) return undefined;
  const [, seed, attempts] = /^seed (\d+): \d+ found after (\d+)/m.exec(output) ?? [];
  if (seed === undefined) throw new Error(`${name}: the simulation ended otherwise:\n${output}`);
  const rules = new Set([...output.matchAll(/^ {2}(R\d\d), /gm)].map(([, rule]) => rule!));
  const before = (Number(seed) - 1) * ATTEMPTS_OF_A_WORLD;
  return { rules: [...rules], seeds: Number(seed), attempts: before + Number(attempts), story: output.slice(0, 4_000) };
}
