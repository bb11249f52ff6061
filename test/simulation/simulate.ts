import { parseArgs } from 'node:util';
import { Random } from './runtime/random.js';
import { replaceTheMachine } from './runtime/replace.js';
import { Scheduler } from './runtime/scheduler.js';

/*
 * `npm run simulate -- --seed N`: one world, told. `--minutes M`: fresh worlds for so long. `--seeds A-B`: these. Ends with 1 at
 * the first seed that finds something, and prints it.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
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
const { storyOf } = await import('./story.js');
cheapPasswords();
let unhandled: unknown;
process.on('unhandledRejection', (error) => (unhandled ??= error));
const operations = Number(values.operations);
// what is loaded when it is first used would come at another time in the first world than in the next
await run(scheduler, 60);

const began = realNow();
const fresh = (process.pid % 100_000) * 10_000;
const [first, last] =
  values.seed !== undefined
    ? [Number(values.seed), Number(values.seed)]
    : values.seeds !== undefined
      ? values.seeds.split('-').map(Number)
      : [fresh, Infinity];
const until = values.minutes === undefined ? Infinity : began + Number(values.minutes) * 60_000;
let [worlds, done] = [0, 0];
for (let seed = first!; seed <= last! && realNow() < until; seed++) {
  scheduler = newScheduler(seed);
  const outcome = await run(scheduler, operations);
  worlds += 1;
  done += outcome.operations;
  if (unhandled !== undefined)
    outcome.complaints.push(`nobody has handled: ${(unhandled as Error).stack ?? String(unhandled)}`);
  if (outcome.complaints.length > 0) {
    console.log(storyOf(seed, outcome));
    process.exit(1);
  }
}
const minutes = (realNow() - began) / 60_000;
console.log(`${worlds} worlds, ${done} calls, ${Math.round(done / minutes)} a minute: nothing was found`);
process.exit(0);
