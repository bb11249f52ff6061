import { hash } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Outcome, RunOptions } from './run.js';
import { Random } from '#test/support/random.js';
import { replaceTheMachine } from './runtime/replace.js';
import { Scheduler } from './runtime/scheduler.js';

/*
 * `npm run simulate -- --seed N`: one world, told. `--minutes M`: fresh worlds for so long. `--seeds A-B`: these. Ends with 1 at
 * the first seed that finds something, tells it with less, and how to run it again. `--whole`: as it was. `--print`: a fingerprint of
 * each world. `--bus`: nothing but signed commands. `--operations N`: attempts of a world.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    print: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    bus: { type: 'boolean', default: false },
    operations: { type: 'string', default: '400' },
  },
});
const realNow = performance.now.bind(performance);
const START = Date.UTC(2026, 0, 1);
const newScheduler = (seed: number) => new Scheduler(new Random(seed), START);
let scheduler = newScheduler(0);
replaceTheMachine(() => scheduler);

const { cheapPasswords } = await import('./world/cheap-passwords.js');
const { run } = await import('./run.js');
const { shrunk } = await import('./shrink.js');
const { storyOf } = await import('./story.js');
cheapPasswords();
let unhandled: unknown;
process.on('unhandledRejection', (error) => (unhandled ??= error));
const operations = Number(values.operations);
const world = (seed: number, less: Omit<RunOptions, 'operations'> = {}): Promise<Outcome> => {
  scheduler = newScheduler(seed);
  return run(scheduler, { operations, byBusAlone: values.bus, ...less });
};
// what is loaded when it is first used would come at another time in the first world than in the next
await world(0);

const [first, last] = seedsAsked();
const began = realNow();
const until = values.minutes === undefined ? Infinity : began + Number(values.minutes) * 60_000;
let [worlds, done] = [0, 0];
for (let seed = first; seed <= last && realNow() < until; seed++) {
  const outcome = await world(seed);
  worlds += 1;
  done += outcome.operations;
  if (values.print) say(`seed ${seed}: ${printOf(outcome)}`);
  if (unhandled !== undefined) outcome.complaints.push(`nobody has handled: ${stackOf(unhandled)}`);
  if (outcome.complaints.length === 0) continue;
  say(storyOf(seed, outcome, values.whole ? outcome : await shrunk(outcome, (less) => world(seed, less))));
  process.exit(1);
}
const minutes = (realNow() - began) / 60_000;
say(`${worlds} worlds, ${done} attempts, ${Math.round(done / minutes)} a minute: nothing was found`);
process.exit(0);

/** What all that happened comes down to. */
function printOf({ history, steps }: Outcome): string {
  const told = history.map((observed) => [
    observed.kind,
    observed.at,
    observed.kind === 'event' ? observed.event.hash : '',
  ]);
  return `${steps} steps, ${hash('sha256', JSON.stringify(told))}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function seedsAsked(): [number, number] {
  if (values.seed !== undefined) return [Number(values.seed), Number(values.seed)];
  const [from = 0, to = from] = (values.seeds ?? '').split('-').map(Number);
  // others at each run
  return values.seeds === undefined ? [process.pid * 10_000, Infinity] : [from, to];
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
