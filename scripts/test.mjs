// Runs everything, the quickest first, and stops at the first stage that fails. `npm test -- rules faults` runs those stages
// alone, `npm test -- embedded` all that need no Kafka and no MongoDB.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const results = join(mkdtempSync(join(tmpdir(), 'twinlock-test-')), 'results.json');

const stages = {
  build: () => run(process.execPath, [join(root, 'scripts/build.mjs')]),
  format: () => run(bin('prettier'), ['--check', '--log-level', 'warn', '.']),
  unit: () => jest('unit'),
  lint: () => run('npm', ['run', '--silent', 'lint']),
  integration: () => jest('integration'),
  rules: () => jest('rules'),
  attacks: () => jest('attacks'),
  tooling: () => jest('tooling'),
  browser: () => jest('browser'),
  faults: () => jest('faults'),
  // from here on with a Kafka and a MongoDB
  servers: () => withServers('servers'),
  'rules-on-servers': () => withServers('rules', { TWINLOCK_TEST_ENGINE: 'kafka-mongo' }),
  'attacks-on-servers': () => withServers('attacks', { TWINLOCK_TEST_ENGINE: 'kafka-mongo' }),
  instances: () => withServers('instances'),
  'faults-on-servers': () => withServers('server-faults', { TWINLOCK_TEST_ENGINE: 'kafka-mongo' }),
};

/** A start there takes seconds, since an app waits for its share of the topics. */
const SLOW = ['--testTimeout=120000'];

const counts = { passed: 0, failed: 0, skipped: 0 };
/** Tests of each project that ran. */
const sizes = {};
const names = Object.keys(stages);
const chosen = process.argv
  .slice(2)
  .flatMap((name) => (name === 'embedded' ? names.slice(0, names.indexOf('servers')) : name));
const unknown = chosen.filter((name) => !(name in stages));
if (unknown.length > 0) {
  console.error(`no such stage: ${unknown.join(', ')}; there are embedded, ${names.join(', ')}`);
  process.exit(2);
}

let ok = true;
let servers;
for (const [name, stage] of Object.entries(stages)) {
  if (chosen.length > 0 && name !== 'build' && !chosen.includes(name)) continue;
  console.log(`\n── ${name}`);
  ok = await stage();
  if (!ok) {
    console.error(`\n${name} failed`);
    break;
  }
}
await servers?.stop?.();
rmSync(dirname(results), { recursive: true, force: true });
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(ok ? 0 : 1);

/** On one Kafka and one MongoDB for all stages; where there are none, its tests are skipped for the reason that is told. */
async function withServers(project, env = {}) {
  servers ??= await (await import('../dist/test/support/servers/engines.js')).startServers();
  if ('missing' in servers) {
    console.log(`skipped: ${servers.missing}`);
    counts.skipped += sizes[project] ?? 1;
    return true;
  }
  const { kafka, mongo } = servers;
  return jest(project, { KAFKA_BROKERS: kafka.brokers.join(','), MONGO_URL: mongo.url, ...env }, SLOW);
}

async function jest(project, env = {}, more = []) {
  const ok = await run(bin('jest'), ['--selectProjects', project, '--json', `--outputFile=${results}`, ...more], {
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings`,
    ...env,
  });
  let run_ = {};
  try {
    run_ = JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    counts.failed += 1;
    return false;
  }
  sizes[project] = run_.numTotalTests;
  counts.passed += run_.numPassedTests;
  counts.failed += run_.numFailedTests + run_.numRuntimeErrorTestSuites;
  counts.skipped += run_.numPendingTests + run_.numTodoTests;
  return ok && run_.numTotalTests > 0;
}

async function run(command, args, env = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [status] = await once(child, 'exit');
  return status === 0;
}
