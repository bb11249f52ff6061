// Fills a data file that may not grow, several times, so many writes at once; it says what was refused and what is there.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { commitOf, everything } from '../../testing/commits.js';
import { openEmbeddedEngine } from '../open.js';
import { say } from './say.js';

const [path = '', atOnce = '1', rounds = '3'] = process.argv.slice(2);
/** As a full disk it is told to who writes. */
const limitFiles = (bytes: number | 'unlimited'): void =>
  void execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);

const engine = await openEmbeddedEngine({ path, name: 'engine' });
const things = engine.records<number>('things');
const refusals = new Map<string, number>();
let written = 0;

/** @returns whether it was written */
async function attempt(write: Promise<unknown>): Promise<boolean> {
  return write.then(
    () => true,
    (error: Error) => {
      const refusal = `${error.name}: ${error.message.replace(path, '')}`;
      refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
      return false;
    },
  );
}

async function append(number: number): Promise<boolean> {
  const events = [JSON.stringify({ padding: 'x'.repeat(700) })];
  return attempt(engine.log.append(commitOf({ stream: `portal/${number}`, events })));
}

let stream = 0;
for (let round = 0; round < Number(rounds); round++) {
  limitFiles(statSync(`${path}/engine.mdb`).size);
  for (let full = false; !full;) {
    const outcomes = await Promise.all(Array.from({ length: Number(atOnce) }, () => append(stream++)));
    written += outcomes.filter(Boolean).length;
    full = outcomes.includes(false);
  }
  for (let i = 0; i < 20; i++) {
    const wrote = [
      await append(stream++),
      await attempt(things.put(['key'], i)),
      await attempt(Promise.resolve().then(() => engine.records(`new ${i}`).put(['key'], i))),
      await attempt(engine.check()),
    ];
    if (wrote.includes(true)) say(`written though it was full: ${JSON.stringify(wrote)}`);
  }
  if ((await everything(engine.log)).length !== written) say('what is there is not what was acknowledged');
  limitFiles('unlimited');
  while (!(await attempt(engine.check()))) await after(20);
  if (!(await append(stream++))) say('refused though there was room');
  written++;
}
await engine.close();
for (const refusal of refusals.keys()) say(refusal);
say(`written ${written}`);
