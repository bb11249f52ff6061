import { Inject, Injectable } from '@nestjs/common';
import type { Engine } from '#libs/engine/src/port.js';
import { Notifier } from '#libs/messaging/src/consuming/notifier.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { Arrivals } from '../ingest/arrivals.js';
import { cursorOf, type Place, placeOf, start } from '../query/cursor.js';
import type { Filter } from '../query/filter.js';
import { OpenedEvents } from '../query/opened-events.js';
import { type Found, TrailReader } from '../query/trail-reader.js';
import { Trail } from '../trail/trail.js';

/** Proxies and clients close what is silent for long. */
const HEARTBEAT_MS = 15_000;
/** Where other instances take events in too, they can only be seen by looking. */
const LOOK_AGAIN_MS = 500;

/** Events of a portal as Server-Sent Events (WHATWG HTML §9.2). */
@Injectable()
export class LiveEvents {
  readonly #longestSilence: number;

  constructor(
    private readonly reader: TrailReader,
    private readonly trail: Trail,
    private readonly arrivals: Arrivals,
    private readonly opened: OpenedEvents,
    @Inject(ENGINE) { log }: Pick<Engine, 'log'>,
  ) {
    this.#longestSilence = log.shared ? LOOK_AGAIN_MS : HEARTBEAT_MS;
  }

  /**
   * Where a client begins: after the last event that it has, or with what happens from now on, or with `from`.
   * @throws Problem `malformed-request`
   */
  async beginning(portal: string, filter: Filter, lastEventId: string | undefined): Promise<Place> {
    if (lastEventId) return placeOf(lastEventId, await this.trail.build(), 'Last-Event-ID');
    return filter.from === undefined ? this.reader.end(portal) : start;
  }

  /** Ends with the signal. */
  async *after(portal: string, filter: Filter, beginning: Place, signal: AbortSignal): AsyncGenerator<string> {
    const build = await this.trail.build();
    const appended = new Notifier();
    const stopListening = this.arrivals.listen(portal, appended.notify);
    signal.addEventListener('abort', appended.notify);
    try {
      yield 'retry: 1000\n\n';
      let place = beginning;
      for (let saidAt = performance.now(); !signal.aborted;) {
        appended.reset();
        for await (const { found, upTo } of this.reader.read(portal, filter, place)) {
          for (const each of await this.opened.found(portal, found)) {
            if (signal.aborted) return;
            yield messageOf(each, build);
            saidAt = performance.now();
          }
          place = upTo;
        }
        if (performance.now() - saidAt >= HEARTBEAT_MS) {
          yield ': still here\n\n';
          saidAt = performance.now();
        }
        const untilHeartbeat = Math.max(0, HEARTBEAT_MS - (performance.now() - saidAt));
        await appended.wait(Math.min(this.#longestSilence, untilHeartbeat));
      }
    } finally {
      stopListening();
      signal.removeEventListener('abort', appended.notify);
    }
  }
}

const messageOf = ({ place, event, text }: Found, build: string): string =>
  `id: ${cursorOf(build, place)}\nevent: ${event.type}\ndata: ${text}\n\n`;
