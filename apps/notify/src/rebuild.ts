import type { Engine } from '#libs/engine/src/port.js';
import { POSITIONS } from '#libs/messaging/src/collections.js';
import { FACES } from './news/portal-faces.js';

/** Deletes what was adopted from admin-policy; it is adopted again when the app starts. What was mailed stays known. */
export async function rebuildNotify(engine: Engine): Promise<void> {
  await engine.records(POSITIONS).delete(['admin-policy']);
  await engine.records(FACES).clear();
}
