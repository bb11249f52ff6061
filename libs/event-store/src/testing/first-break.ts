import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { Head } from '#libs/engine/src/port.js';
import { follows, verifyEvent } from '../commit.js';

/**
 * Index of the first event of one stream that was changed, or before which one is missing or too many; -1 if there is none.
 * The events begin after `head` (null: with the stream's first).
 */
export function firstBreak(events: readonly RecordedEvent[], head: Head | null = null): number {
  let before = head;
  for (const [index, event] of events.entries()) {
    if (!follows(event, before) || !verifyEvent(event)) return index;
    before = { version: event.streamVersion, hash: event.hash };
  }
  return -1;
}
