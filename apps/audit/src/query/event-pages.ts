import { Injectable } from '@nestjs/common';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { Trail } from '../trail/trail.js';
import { cursorOf, type Order, type Place, placeOf, startOf } from './cursor.js';
import type { Filter } from './filter.js';
import { type Chunk, type Found, TrailReader } from './trail-reader.js';

export interface EventPage {
  readonly events: RecordedEvent[];
  readonly next: string | null;
}

export interface PageQuery {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly order?: Order;
}

/**
 * One request looks at about so many events, so that none takes longer where there are more of them: a page may then hold fewer
 * than were asked for, or none, and still have a next. More than are not indexed yet.
 */
const MOST = 2_000;

@Injectable()
export class EventPages {
  constructor(
    private readonly reader: TrailReader,
    private readonly trail: Trail,
  ) {}

  /** @throws Problem `malformed-request` `after` is no cursor of this order */
  async page(portal: string, filter: Filter, { after, limit, order = 'oldest' }: PageQuery): Promise<EventPage> {
    const build = await this.trail.build();
    const from = after === undefined ? startOf(order) : placeOf(after, build, 'after', order);
    const { found, unread } = await this.#collect(this.reader.read(portal, filter, from, order), limit);
    const events = found.map(({ event }) => event);
    return { events, next: unread === null ? null : cursorOf(build, unread, order) };
  }

  /** `unread`: the place after which there is more; null: this is all. */
  async #collect(
    chunks: AsyncIterable<Chunk>,
    limit: number,
  ): Promise<{ found: readonly Found[]; unread: Place | null }> {
    const found: Found[] = [];
    let cost = 0;
    for await (const chunk of chunks) {
      found.push(...chunk.found);
      if (found.length > limit) return { found: found.slice(0, limit), unread: found[limit - 1]?.place ?? null };
      cost += chunk.cost;
      if (cost >= MOST) return { found, unread: chunk.upTo };
    }
    return { found, unread: null };
  }
}
