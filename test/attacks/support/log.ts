import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { shortType, streamOf } from '#test/support/events.js';
import type { Person, Portal } from '#test/support/portal.js';
import { until } from '#test/support/until.js';

export const ofType = (events: readonly RecordedEvent[], type: string): RecordedEvent[] =>
  events.filter((event) => shortType(event) === type);

/** The events of the account's second factor, once so many of that type can be read. */
export function eventsWith(
  portal: Portal,
  { id: account }: Pick<Person, 'id'>,
  type: string,
  times = 1,
): Promise<RecordedEvent[]> {
  return until(`${times} ${type}`, async () => {
    const events = (await portal.readEvents({ account })).filter((event) => streamOf(event).startsWith('two-factor:'));
    return ofType(events, type).length >= times && events;
  });
}

/** Unlocks the locked account: that event stands after all that was answered before, so none of those is missing. */
export async function eventsBeforeUnlock(portal: Portal, user: Pick<Person, 'id'>): Promise<RecordedEvent[]> {
  (await portal.api.unlock(portal.id, user.id)).success();
  const events = await eventsWith(portal, user, 'UserUnlocked');
  return events.slice(
    0,
    events.findIndex((event) => shortType(event) === 'UserUnlocked'),
  );
}
