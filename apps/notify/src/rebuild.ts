import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { EventOf } from '#libs/contracts/src/events/event.js';
import type { Engine, EventLog } from '#libs/engine/src/port.js';
import { recordedEvents } from '#libs/event-store/src/commit.js';
import { FACES, PortalFaces } from './news/portal-faces.js';

const { ProfileChanged } = adminPolicyEvents;
const PAGE = 500;

/** Makes what was adopted anew, from the log of admin-policy. What was mailed stays known. The app must not be running. */
export async function rebuildNotify(engine: Engine, { feed }: Pick<EventLog, 'feed'>): Promise<void> {
  await engine.records(FACES).clear();
  const faces = new PortalFaces(engine);
  for (let after = 0; ;) {
    const page = await feed.read(after, PAGE);
    const events = page.flatMap(({ commit }) => recordedEvents(commit));
    for (const event of events) {
      if (event.type !== ProfileChanged.type) continue;
      const { portal, streamVersion, data } = event as EventOf<typeof ProfileChanged>;
      await faces.adopt(portal, streamVersion, data.to);
    }
    if (page.length === 0) return;
    after = page.at(-1)!.position;
  }
}
