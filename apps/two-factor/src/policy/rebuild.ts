import type { Engine } from '#libs/engine/src/port.js';
import { type Replayed, rebuildSnapshots } from '#libs/event-store/src/whole-log/rebuild.js';
import { ADOPTIONS, POSITIONS } from '#libs/messaging/src/collections.js';
import { secondFactorFold } from '../change/second-factors.js';
import { PolicyFacts } from './policy-facts.js';

/**
 * Deletes every projection: snapshots are made again from the log, the facts of policy are adopted again from the other apps'
 * logs when the app starts. The app must not be running.
 */
export async function rebuildTwoFactor(engine: Engine): Promise<Replayed> {
  await engine.records(POSITIONS).clear();
  await engine.records(ADOPTIONS).clear();
  await new PolicyFacts(engine).clear();
  return rebuildSnapshots(secondFactorFold, engine);
}
