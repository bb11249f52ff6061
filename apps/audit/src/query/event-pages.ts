import { Injectable } from '@nestjs/common';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { Trail } from '../trail/trail.js';
import { cursorOf, type Place, placeOf, start } from './cursor.js';
import type { Filter } from './filter.js';
import { type Found, TrailReader } from './trail-reader.js';

export interface EventPage {
  readonly events: RecordedEvent[];
  readonly next: string | null;
}

/** One request looks at no more events; a page may then hold fewer than were asked for, or none, and still have a next. */
const MOST_SCANNED = 50_000;

@Injectable()
export class EventPages {
  constructor(
    private readonly reader: TrailReader,
    private readonly trail: Trail,
  ) {}

  /** @throws Problem `malformed-request` `after` is no cursor */
  async page(portal: string, filter: Filter, after: string | undefined, limit: number): Promise<EventPage> {
    const build = await this.trail.build();
    const from = after === undefined ? start : placeOf(after, build, 'after');
    const { found, unread } = await this.#collect(portal, filter, from, limit);
    const events = found.map(({ event }) => event);
    return { events, next: unread === null ? null : cursorOf(build, unread) };
  }

  /** `unread`: the place after which there is more; null: this is all. */
  async #collect(
    portal: string,
    filter: Filter,
    from: Place,
    limit: number,
  ): Promise<{ found: readonly Found[]; unread: Place | null }> {
    const found: Found[] = [];
    let scanned = 0;
    for await (const chunk of this.reader.read(portal, filter, from)) {
      found.push(...chunk.found);
      if (found.length > limit) {
        const page = found.slice(0, limit);
        return { found: page, unread: page.at(-1)?.place ?? from };
      }
      scanned += chunk.scanned;
      if (scanned >= MOST_SCANNED) return { found, unread: chunk.upTo };
    }
    return { found, unread: null };
  }
}
