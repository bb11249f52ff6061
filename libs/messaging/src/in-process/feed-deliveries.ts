import type { SourceApp } from '#libs/contracts/src/events/event.js';
import type { FeedItem, StoredEvent } from '#libs/engine/src/port.js';
import { formOf } from '#libs/event-store/src/commit.js';
import type { Delivery } from '../consuming/deliveries.js';

/** The events of one commit whose type is wanted. None is parsed before a handler gets it. */
export function deliveriesOf(source: SourceApp, item: FeedItem, wanted: (type: string) => boolean): Delivery[] {
  const { position, commit } = item;
  const deliveries: Delivery[] = [];
  for (const [index, stored] of commit.events.entries()) {
    const type = typeOf(stored);
    if (!wanted(type)) continue;
    const event = () => Object.assign(formOf(commit, index), { hash: stored.hash });
    deliveries.push({ source, position, index, stream: commit.stream, type, event });
  }
  return deliveries;
}

/** The wire type without parsing: `type` is the last member of the body, as RFC 8785 orders them. */
const typeOf = ({ body }: StoredEvent): string => body.slice(body.lastIndexOf('"', body.length - 3) + 1, -2);
