import type { Engine } from '#libs/engine/src/port.js';
import { type Replayed, rebuildSnapshots } from '#libs/event-store/src/whole-log/rebuild.js';
import { ADOPTIONS, POSITIONS } from '#libs/messaging/src/collections.js';
import { Portals } from '../portals/portals.js';
import { policyFold } from './policies.js';

/** Deletes every projection: snapshots are made again now, portals are adopted again when the app starts. It must not be running. */
export async function rebuildAdminPolicy(engine: Engine): Promise<Replayed> {
  await engine.records(POSITIONS).clear();
  await engine.records(ADOPTIONS).clear();
  await new Portals(engine).clear();
  return rebuildSnapshots(policyFold, engine);
}
