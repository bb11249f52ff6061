import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import type { RecordedEvent, SourceApp } from '#libs/contracts/src/events/event.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import { APP_BUS, LOGGER } from '#libs/platform/src/tokens.js';
import { arrivalOf } from '../trail/arrival.js';
import { Arrivals } from './arrivals.js';
import { type Delivery, takeByTime } from './by-time.js';
import { TrailWriter } from './trail-writer.js';

/** A round waits so long for more, as a round of many costs each of them little. An event is to be readable within a second. */
const GATHER_MS = 30;
/** With so many a round begins at once. */
const ENOUGH = 200;
/** After a delivery of so many, its partition is likely to have more: what is newer waits for it, for so long. */
const BACKLOG = 100;
const AFTER_BACKLOG_MS = 300;
/**
 * So is one after the start: the consumers of the three begin one after the other, on Kafka seconds apart. What is newer waits
 * for those that have not caught up yet, for so long at most.
 */
const AFTER_START_MS = 800;
const STARTING_AT_MOST_MS = 10_000;
const LOOK_AGAIN_MS = 50;

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
  /** By source: deliveries that are expected to follow, and until when (`performance.now()`). */
  readonly #expected = new Map<SourceApp, { readonly count: number; readonly until: number }>();
  #startedAt = -Infinity;

  constructor(
    private readonly writer: TrailWriter,
    private readonly arrivals: Arrivals,
    @Inject(APP_BUS) private readonly bus: Pick<AppBus, 'health'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#startedAt = performance.now();
  }

  /** Resolves when they can be read. @throws NotAnEvent one of them is none, and none of them is taken */
  async take(source: SourceApp, events: readonly RecordedEvent[]): Promise<void> {
    const arrivals = events.map((event) => arrivalOf(event, source));
    if (arrivals.length === 0) return;
    this.#expect(source, -1);
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
    else this.#timer = setTimeout(() => this.#due(), wait);
  }

  #due(): void {
    if (this.#missingForMs() > 0) this.#schedule();
    else void this.#round();
  }

  /** How long to wait for sources that are likely to have older events. */
  #missingForMs(): number {
    const here = new Set(this.#waiting.map(({ source }) => source));
    const now = performance.now();
    const until = here.size < sourceApps.length ? [this.#startedAt + AFTER_START_MS] : [];
    if (now < this.#startedAt + STARTING_AT_MOST_MS && this.#anyBegins(here)) until.push(now + LOOK_AGAIN_MS);
    for (const expected of this.#expected.values()) until.push(expected.until);
    return Math.max(0, ...until.map((at) => at - now));
  }

  /** Whether one of the others has not read what was there before it. */
  #anyBegins(here: ReadonlySet<SourceApp>): boolean {
    return this.bus.health().some(({ source, stalled }) => stalled && !here.has(source));
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
    if (arrivals.length >= BACKLOG) this.#expect(source, 1);
    done();
  }

  #expect(source: SourceApp, change: 1 | -1): void {
    const { count = 0, until = 0 } = this.#expected.get(source) ?? {};
    if (count + change <= 0) this.#expected.delete(source);
    else
      this.#expected.set(source, {
        count: count + change,
        until: change > 0 ? performance.now() + AFTER_BACKLOG_MS : until,
      });
  }

  async #tidy(): Promise<void> {
    try {
      await this.writer.tidy();
    } catch (error) {
      this.logger.warn({ err: error }, 'the trail could not be cleaned up; retrying');
    }
  }
}
