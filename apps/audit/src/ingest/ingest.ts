import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import type { RecordedEvent, SourceApp } from '#libs/contracts/src/events/event.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import { LOGGER } from '#libs/platform/src/tokens.js';
import { arrivalOf } from '../trail/arrival.js';
import { Arrivals } from './arrivals.js';
import { type Delivery, takeByTime } from './by-time.js';
import { TrailWriter } from './trail-writer.js';

/** A round waits so long for more, as a round of many costs each of them little. An event is to be readable within a second. */
const GATHER_MS = 30;
/** With so many a round begins at once. */
const ENOUGH = 200;
/** After its start, and after a delivery of so many, a source is likely to have more: what is newer waits for it, for so long. */
const BACKLOG = 100;
const AFTER_BACKLOG_MS = 300;
const AFTER_START_MS = 800;

interface Waiting extends Delivery {
  readonly source: SourceApp;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Gathers what the bus brings from the three logs into rounds of the writer, one after the other. While it catches up with
 * them, their events are told in the order of time all the same.
 */
@Injectable()
export class Ingest implements OnApplicationBootstrap {
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing = false;
  /** By source: until when more of it is expected (`performance.now()`). */
  readonly #expected = new Map<SourceApp, number>();
  #startingUntil = 0;

  constructor(
    private readonly writer: TrailWriter,
    private readonly arrivals: Arrivals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#startingUntil = performance.now() + AFTER_START_MS;
  }

  /** Resolves when they can be read. @throws NotAnEvent one of them is none, and none of them is taken */
  async take(source: SourceApp, events: readonly RecordedEvent[]): Promise<void> {
    const arrivals = events.map((event) => arrivalOf(event, source));
    if (arrivals.length === 0) return;
    await new Promise<void>((done, failed) => {
      this.#waiting.push({ source, arrivals, next: 0, done, failed });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#writing || this.#waiting.length === 0) return;
    clearTimeout(this.#timer);
    const count = this.#waiting.reduce((sum, { arrivals, next }) => sum + arrivals.length - next, 0);
    const wait = Math.max(this.#missingForMs(), count >= ENOUGH ? 0 : GATHER_MS);
    if (wait === 0) void this.#round();
    else this.#timer = setTimeout(() => void this.#round(), wait);
  }

  /** How long to wait for sources that are likely to have older events. */
  #missingForMs(): number {
    const here = new Set(this.#waiting.map(({ source }) => source));
    const until = here.size < sourceApps.length ? [this.#startingUntil] : [];
    for (const [source, at] of this.#expected) if (!here.has(source)) until.push(at);
    return Math.max(0, ...until.map((at) => at - performance.now()));
  }

  async #round(): Promise<void> {
    clearTimeout(this.#timer);
    this.#writing = true;
    const involved = [...this.#waiting];
    const arrivals = takeByTime(involved);
    try {
      await this.writer.write(arrivals);
      for (const each of involved) if (each.next === each.arrivals.length) this.#finish(each);
    } catch (error) {
      // What was written of them is known when it comes again.
      this.#waiting = this.#waiting.filter((each) => !involved.includes(each) || each.next === 0);
      for (const { next, failed } of involved) if (next > 0) failed(error);
    }
    this.arrivals.announce(new Set(arrivals.map(({ portal }) => portal)));
    await this.#tidy();
    this.#writing = false;
    this.#schedule();
  }

  #finish(delivery: Waiting): void {
    const { source, arrivals, done } = delivery;
    this.#waiting = this.#waiting.filter((each) => each !== delivery);
    if (arrivals.length < BACKLOG) this.#expected.delete(source);
    else this.#expected.set(source, performance.now() + AFTER_BACKLOG_MS);
    done();
  }

  async #tidy(): Promise<void> {
    try {
      await this.writer.tidy();
    } catch (error) {
      this.logger.warn({ err: error }, 'the trail could not be tidied, it is tried again');
    }
  }
}
