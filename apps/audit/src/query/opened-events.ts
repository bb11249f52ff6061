import { Injectable } from '@nestjs/common';
import { type Context, systemContext } from '#libs/contracts/src/context.js';
import { appOf, type RecordedEvent, type SourceApp } from '#libs/contracts/src/events/event.js';
import type { Plain, ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { MOST_OPENED, personalRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Found } from './trail-reader.js';

type Part = keyof Plain;
interface Asked {
  readonly at: number;
  readonly part: Part;
  readonly eventId: string;
  readonly kid: string;
  readonly ciphertext: string;
}

/**
 * The border where what is personal in events is opened, for whoever may read the portal's events (R42). Keys are with the apps
 * that recorded the events; they are asked, and without their answer there is none.
 */
@Injectable()
export class OpenedEvents {
  constructor(private readonly requests: Requests) {}

  /** @throws Problem `unavailable` an app that has keys does not answer */
  async of(portal: string, events: readonly RecordedEvent[], context = systemContext()): Promise<ReadableEvent[]> {
    const plains = await this.plainsOf(portal, events, context);
    return events.map((event, at) => (plains[at] === undefined ? event : { ...event, plain: plains[at] }));
  }

  /** The same of what is read in the trail, with its text. @throws as `of` */
  async found(portal: string, found: readonly Found[]): Promise<Found[]> {
    const events = found.map(({ event }) => event);
    const plains = await this.plainsOf(portal, events, systemContext());
    return found.map((each, at) => {
      const plain = plains[at];
      if (plain === undefined) return each;
      const text = `${each.text.slice(0, -1)},"plain":${JSON.stringify(plain)}}`;
      return { ...each, text, event: { ...each.event, plain } as ReadableEvent };
    });
  }

  /** Undefined: there is nothing personal in it; null: nothing of it can be opened. */
  private async plainsOf(
    portal: string,
    events: readonly RecordedEvent[],
    context: Context,
  ): Promise<(Plain | null | undefined)[]> {
    const plains: (Plain | undefined)[] = events.map(() => undefined);
    await Promise.all(
      [...bySource(events)].flatMap(([app, asked]) =>
        chunked(asked).map(async (chunk) => {
          const sealed = chunk.map(({ eventId, kid, ciphertext }) => ({ eventId, kid, ciphertext }));
          const { opened } = await this.requests.send(personalRequests[app], { portal, sealed }, context);
          for (const [index, { at, part }] of chunk.entries()) (plains[at] ??= {})[part] = parsed(opened[index]);
        }),
      ),
    );
    return plains.map((parts) => (parts && Object.values(parts).every((part) => part === null) ? null : parts));
  }
}

function bySource(events: readonly RecordedEvent[]): Map<SourceApp, Asked[]> {
  const asked = new Map<SourceApp, Asked[]>();
  for (const [at, { id: eventId, type, personal = {} }] of events.entries()) {
    for (const part of ['person', 'origin'] as const) {
      const sealed = personal[part];
      if (sealed === undefined) continue;
      const app = appOf(type);
      const list = asked.get(app) ?? [];
      asked.set(app, list);
      list.push({ at, part, eventId, ...sealed });
    }
  }
  return asked;
}

const chunked = (asked: readonly Asked[]): Asked[][] =>
  Array.from({ length: Math.ceil(asked.length / MOST_OPENED) }, (_, index) =>
    asked.slice(index * MOST_OPENED, (index + 1) * MOST_OPENED),
  );

/** What was sealed was checked before; what cannot be opened is null, and no error. */
const parsed = (text: string | null | undefined): null => (text ? (JSON.parse(text) as null) : null);
