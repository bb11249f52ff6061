import { setTimeout as pause } from 'node:timers/promises';
import type { Plain, ReadableEvent } from '#libs/contracts/src/events/readable.js';
import type { Received } from './follow.js';

/**
 * Reads up to 200 events of a portal by id, with `plain`. Undefined: of this portal nothing is to be opened.
 * `(portal, id) => twinlock.listEvents({ portal, id, limit: 200 })`
 */
export type OpenEvents = (
  portal: string,
  ids: readonly string[],
) => Promise<{ readonly events: readonly ReadableEvent[] }> | undefined;

/** An event is on the bus before it is in the list, by a second at most while all is well. */
const WAIT_MS = 10_000;
const PAUSE_MS = 250;

/** With `plain`, where there is anything personal. What is opened is what came: only `plain` is taken from the list. */
export async function opened<Message extends Received>(
  messages: readonly Message[],
  open: OpenEvents | undefined,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  if (!open) return messages;
  const found = new Map<string, Plain | null>();
  const missing = new Map<string, Set<string>>();
  for (const { event } of messages.filter(({ event }) => event.personal !== undefined)) {
    missing.set(event.portal, (missing.get(event.portal) ?? new Set()).add(event.id));
  }
  for (const [portal, ids] of missing) {
    for (const end = Date.now() + WAIT_MS; ids.size > 0 && !signal.aborted; await pause(PAUSE_MS)) {
      const answer = open(portal, [...ids]);
      if (answer === undefined) break;
      for (const { id, plain } of (await answer).events) {
        found.set(id, plain ?? null);
        ids.delete(id);
      }
      if (ids.size === 0) break;
      if (Date.now() > end)
        throw new Error(`${ids.size} events of the bus cannot be read over HTTP, such as ${[...ids][0]}`);
    }
  }
  return messages.map((message) => {
    const { event } = message;
    return found.has(event.id) ? { ...message, event: { ...event, plain: found.get(event.id)! } } : message;
  });
}
