// Runs everything at once: what waits leaves the processor to the others. `npm test -- rules lockout` runs the specs of the stage
// `rules` whose path has `lockout` in it, `npm test -- embedded` all stages that need no Kafka and no MongoDB.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jestConfig from '../../jest.config.mjs';
import { build } from '../build/build.mjs';

const root = join(import.meta.dirname, '../..');
const bin = (name) => join(root, 'node_modules/.bin', name);

/** Those that are no specs, and run beside them. */
const checks = {
  format: () => run(bin('prettier'), ['--check', '--log-level', 'warn', '.']),
  lint: () => run('npm', ['run', '--silent', 'lint']),
};
const specs = jestConfig.projects.map(({ displayName }) => displayName);
const onServers = new Set(
  jestConfig.projects
    .filter(({ globalSetup }) => globalSetup?.endsWith('/servers.mjs'))
    .map(({ displayName }) => displayName),
);
/** Software of others, which `npm run test:ecosystem` meets. */
const apart = 'ecosystem';
const embedded = [...Object.keys(checks), ...specs.filter((name) => !onServers.has(name) && name !== apart)];

const { stages, patterns } = chosen(process.argv.slice(2));
const began = performance.now();
/** By stage: passed, failed, skipped, and when it ran. */
const table = {};
const ok = await everything();
print();
process.exit(ok ? 0 : 1);

/** Names of stages, or parts of the paths of specs. */
function chosen(args) {
  const all = [...Object.keys(checks), ...specs];
  const named = args.flatMap((name) => (name === 'embedded' ? embedded : all.includes(name) ? [name] : []));
  const patterns = args.filter((arg) => arg !== 'embedded' && !all.includes(arg));
  if (named.length > 0) return { stages: named, patterns };
  return {
    stages: patterns.length > 0 ? embedded.filter((name) => !(name in checks)) : all.filter((name) => name !== apart),
    patterns,
  };
}

async function everything() {
  try {
    await build();
  } catch {
    table.build = { passed: 0, failed: 1, skipped: 0, end: Date.now(), begin: Date.now() };
    return false;
  }
  const done = await Promise.all([
    ...Object.keys(checks)
      .filter((name) => stages.includes(name))
      .map(check),
    jest(stages.filter((name) => specs.includes(name))),
  ]);
  return done.every(Boolean);
}

async function check(name) {
  const begin = Date.now();
  const { status, output } = await checks[name]();
  const failed = status === 0 ? 0 : 1;
  if (failed) console.error(`\n── ${name} failed\n${output}`);
  table[name] = { passed: 0, failed, skipped: 0, begin, end: Date.now() };
  return !failed;
}

async function jest(names) {
  if (names.length === 0) return true;
  const folder = mkdtempSync(join(tmpdir(), 'twinlock-test-'));
  const file = join(folder, 'stages.json');
  const reporter = join(import.meta.dirname, 'stages-reporter.mjs');
  const child = spawn(
    bin('jest'),
    [...patterns, '--selectProjects', ...names, '--reporters', 'default', '--reporters', reporter],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        TWINLOCK_BUILT: 'yes',
        TWINLOCK_STAGES_FILE: file,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings`,
      },
    },
  );
  // it ends what it has started
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  const [status] = await once(child, 'exit');
  try {
    Object.assign(table, JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    table.specs = { passed: 0, failed: 1, skipped: 0, begin: Date.now(), end: Date.now() };
  }
  rmSync(folder, { recursive: true, force: true });
  const ran = Object.values(table).some(({ passed, failed, skipped }) => passed + failed + skipped > 0);
  return status === 0 && ran;
}

async function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [status] = await once(child, 'close');
  return { status, output };
}

function print() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const minutes = (ms) => (ms / 60_000).toFixed(1).padStart(8);
  console.log(`\n${'stage'.padEnd(20)}  passed  failed skipped minutes    work`);
  for (const name of ['build', ...Object.keys(checks), ...specs, 'specs'].filter((each) => each in table)) {
    const { passed, failed, skipped, begin, end, workMs = end - begin } = table[name];
    for (const [kind, count] of Object.entries({ passed, failed, skipped })) total[kind] += count;
    const counts = [passed, failed, skipped].map((count) => String(count).padStart(8)).join('');
    console.log(`${name.padEnd(20)}${counts}${minutes(end - begin)}${minutes(workMs)}`);
  }
  console.log(`${'all, with the build'.padEnd(44)}${minutes(performance.now() - began)}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}
