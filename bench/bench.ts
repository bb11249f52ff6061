import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bigStoreOf } from './seed/big-store.js';
import { engineOf } from './process/engine.js';
import { type Options, readOptions, type SectionName, usage } from './options.js';
import { figure } from './report/figures.js';
import { machine, writeResults } from './report/results.js';
import { tableOf } from './report/table.js';
import { type Context, type Found, isMet, type Section } from './sections/section.js';
import { deletions } from './sections/deletions.js';
import { directory } from './sections/directory.js';
import { loadAccount } from './sections/load-account.js';
import { memory } from './sections/memory.js';
import { openid } from './sections/openid.js';
import { parts } from './sections/parts.js';
import { replay } from './sections/replay.js';
import { servers } from './sections/servers.js';
import { start } from './sections/start.js';
import { verify } from './sections/verify.js';

const sections: Record<SectionName, Section> = {
  verify,
  parts,
  replay,
  load: loadAccount,
  start,
  memory,
  directory,
  deletions,
  openid,
  servers,
};

async function run(options: Options): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'twinlock-bench-'));
  const engine = engineOf(options.engine);
  const running = await engine.start(folder);
  const say = (line: string) => console.log(line);
  const context: Omit<Context, 'bigStore'> = { options, engine: { ...engine, ...running }, folder, say };
  const { cpus, model, node, loadAverage } = machine();
  say(`Engine ${options.engine}; Node ${node}; ${cpus} × ${model}; load average ${loadAverage}`);
  say('Compare within one run only: what else the machine does shows in every absolute number.\n');

  const found = new Map<SectionName, Found>();
  try {
    const bigStore = bigStoreOf(context);
    for (const name of options.sections) {
      const section = await sections[name]({ ...context, bigStore });
      found.set(name, section);
      say(`${section.title}\n${tableOf(section.table)}\n`);
    }
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const path = writeResults(options, found);
  const aims = [...found.values()].flatMap((section) => section.aims);
  const rows = aims.map((aim) => [
    aim.what,
    figure(aim.value, aim.unit),
    aim.atLeast === undefined ? `< ${figure(aim.below ?? 0, aim.unit)}` : `≥ ${figure(aim.atLeast, aim.unit)}`,
    isMet(aim) ? 'met' : 'NOT MET',
  ]);
  if (rows.length > 0) say(`Aims\n${tableOf([['', 'is', 'aim', ''], ...rows])}\n`);
  say(path);
  return aims.every(isMet);
}

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n${usage}`);
  process.exitCode = 2;
}
if (options !== undefined) await run(options);
