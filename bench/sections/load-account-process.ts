import { secondFactorFold } from '#apps/two-factor/src/accounts/second-factors.js';
import type { SecondFactor } from '#apps/two-factor/src/second-factor/state.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { type Snapshot, SNAPSHOTS } from '#libs/event-store/src/stream/snapshots.js';
import { answerJobs } from '../process/child.js';
import { median } from '../report/figures.js';
import { accountId, PORTAL } from '../seed/accounts.js';
import { ENROLMENT, History } from '../seed/history.js';
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

answerJobs<LoadAccountJob, Loaded>(({ env, short, long }) => {
  const config = configFor(env);
  return withStore(config, 'two-factor', async (engine) => {
    const history = new History(engine, config, { accounts: 2, minutes: long });
    await history.enrol(0);
    await history.enrol(1);
    for (let event = ENROLMENT; event < long; event++) {
      history.passMinute();
      if (event < short) await history.attempt(0);
      await history.attempt(1);
    }
    await history.settled();

    // remembers one stream, so that the other is never in memory
    const aggregates = new Aggregates(secondFactorFold, {
      log: engine.log,
      snapshots: engine.records<Snapshot<SecondFactor>>(SNAPSHOTS),
      clock: Date.now,
      cacheSize: 1,
    });
    const times: [number[], number[]] = [[], []];
    for (let load = 0; load < LOADS; load++) {
      const which = load % 2 === 0 ? 0 : 1;
      const began = performance.now();
      const { version } = await aggregates.load(`${PORTAL}/${accountId(which)}`);
      times[which].push((performance.now() - began) * 1_000);
      if (version !== (which === 0 ? short : long)) throw new Error(`an account was loaded at version ${version}`);
    }
    // the first half warms up
    const [shortTimes, longTimes] = times.map((all) => median(all.slice(all.length / 2)));
    return { short: shortTimes ?? NaN, long: longTimes ?? NaN };
  });
});
