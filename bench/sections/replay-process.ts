import { secondFactorFold } from '../insides.js';
import type { Engine } from '#libs/engine/src/port.js';
import { commitsOf, rebuildSnapshots, replay } from '#libs/event-store/src/whole-log/rebuild.js';
import { answerJobs } from '../process/child.js';
import { configFor, withStore } from '../seed/stores.js';

export interface ReplayJob {
  readonly env: Readonly<Record<string, string>>;
  readonly events: number;
}
/** Events per second. */
export interface Replayed {
  readonly streams: number;
  readonly events: number;
  readonly read: number;
  readonly replay: number;
  readonly rebuild: number;
}

answerJobs<ReplayJob, Replayed>(({ env, events: expected }) =>
  withStore(configFor(env), 'two-factor', async (engine) => {
    // the first pass warms up the code and the page cache
    await replay(secondFactorFold, engine);
    const reading = performance.now();
    const events = await readAll(engine);
    if (events !== expected) throw new Error(`the log has ${events} events instead of ${expected}`);
    const replaying = performance.now();
    const { streams } = await replay(secondFactorFold, engine);
    const rebuilding = performance.now();
    await rebuildSnapshots(secondFactorFold, engine);
    const done = performance.now();
    const rate = (ms: number) => (events / ms) * 1_000;
    return {
      streams,
      events,
      read: rate(replaying - reading),
      replay: rate(rebuilding - replaying),
      rebuild: rate(done - rebuilding),
    };
  }),
);

async function readAll(engine: Engine): Promise<number> {
  let events = 0;
  for await (const commits of commitsOf(engine.log)) for (const commit of commits) events += commit.events.length;
  return events;
}
