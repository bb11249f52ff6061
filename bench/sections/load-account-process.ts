import { streamOf } from '#libs/contracts/src/stream.js';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { SNAPSHOTS } from '#libs/event-store/src/stream/snapshots.js';
import { secondFactorFold } from '../insides.js';
import { answerJobs } from '../process/child.js';
import { median } from '../report/figures.js';
import { accountId, PORTAL } from '../seed/accounts.js';
import { eventsOf, History } from '../seed/history.js';
import { makePortal } from '../seed/portal.js';
import { configFor, withStore } from '../seed/stores.js';

export interface LoadAccountJob {
  readonly env: Readonly<Record<string, string>>;
  /** Events of the two accounts. */
  readonly short: number;
  readonly long: number;
}
/** Microseconds for one load. */
export interface Loaded {
  readonly short: number;
  readonly long: number;
}

const LOADS = 4_000;

answerJobs<LoadAccountJob, Loaded>(async ({ env, short, long }) => {
  const { model } = await makePortal(env);
  const config = configFor(env);
  return withStore(config, 'two-factor', async (engine) => {
    const history = new History(engine, config, model, long);
    await history.enrol(0);
    await history.enrol(1);
    for (let events = eventsOf(model.enrolment); events < long; events++) {
      history.passMinute();
      if (events < short) await history.attempt(0);
      await history.attempt(1);
    }

    // remembers one stream, so that the other is never in memory; the first load of the long one makes its snapshot
    const aggregates = aggregatesOf(engine);
    const [shortStream, longStream] = [0, 1].map((index) => streamOf({ portal: PORTAL, account: accountId(index) }));
    await aggregates.load(longStream!);
    await aggregates.settled();

    const times: [number[], number[]] = [[], []];
    for (let load = 0; load < LOADS; load++) {
      const which = load % 2 === 0 ? 0 : 1;
      const began = performance.now();
      const { version } = await aggregates.load(which === 0 ? shortStream! : longStream!);
      times[which].push((performance.now() - began) * 1_000);
      if (version !== (which === 0 ? short : long)) throw new Error(`an account was loaded at version ${version}`);
    }
    // the first half warms up
    const [shortTimes, longTimes] = times.map((all) => median(all.slice(all.length / 2)));
    return { short: shortTimes ?? NaN, long: longTimes ?? NaN };
  });
});

const aggregatesOf = (engine: Engine) =>
  new Aggregates(secondFactorFold, {
    log: engine.log,
    snapshots: engine.records(SNAPSHOTS),
    clock: Date.now,
    cacheSize: 1,
  });
