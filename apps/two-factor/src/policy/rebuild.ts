import type { Engine } from '#libs/engine/src/port.js';
import { type Replayed, rebuildSnapshots } from '#libs/event-store/src/whole-log/rebuild.js';
import { secondFactorFold } from '../accounts/second-factors.js';
import { PolicyFacts } from './policy-facts.js';

/**
 * Deletes every projection: snapshots are made again from the log, the facts of policy are adopted again from the other apps'
 * logs when the app starts. The app must not be running.
 */
export async function rebuildTwoFactor(engine: Engine): Promise<Replayed> {
  await engine.records('positions').clear();
  await engine.records('adoptions').clear();
  await new PolicyFacts(engine).clear();
  return rebuildSnapshots(secondFactorFold, engine);
}
