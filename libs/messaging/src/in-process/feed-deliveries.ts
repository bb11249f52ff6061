import type { SourceApp } from '#libs/contracts/src/events/event.js';
import type { FeedItem, StoredEvent } from '#libs/engine/src/port.js';
import { formOf } from '#libs/event-store/src/commit.js';
import type { Delivery } from '../consuming/deliveries.js';

/** The events of one commit; none is parsed before a handler gets it. */
export const deliveriesOf = (source: SourceApp, { position, commit }: FeedItem): Delivery[] =>
  commit.events.map((stored, index) => ({
    source,
    position,
    index,
    stream: commit.stream,
    type: typeOf(stored),
    event: () => Object.assign(formOf(commit, index), { hash: stored.hash }),
  }));

/** The wire type without parsing: `type` is the last member of the body, as RFC 8785 orders them. */
const typeOf = ({ body }: StoredEvent): string => body.slice(body.lastIndexOf('"', body.length - 3) + 1, -2);
