import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { RecordedEvent, SourceApp } from '#libs/contracts/src/events/event.js';
import { LOGGER } from '#libs/platform/src/tokens.js';
import { type Arrival, arrivalOf } from '../trail/arrival.js';
import { Arrivals } from './arrivals.js';
import { TrailWriter } from './trail-writer.js';

/** A round waits so long for more, as a round of many costs each of them little. An event is to be readable within a second. */
const GATHER_MS = 30;
/** With so many a round begins at once. */
const ENOUGH = 200;

interface Waiting {
  readonly arrivals: readonly Arrival[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Gathers what the bus brings from the three logs into rounds of the writer, one after the other. */
@Injectable()
export class Ingest {
  #waiting: Waiting[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #writing = false;

  constructor(
    private readonly writer: TrailWriter,
    private readonly arrivals: Arrivals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when they can be read. @throws NotAnEvent one of them is none, and none of them is taken */
  async take(source: SourceApp, events: readonly RecordedEvent[]): Promise<void> {
    const arrivals = events.map((event) => arrivalOf(event, source));
    await new Promise<void>((done, failed) => {
      this.#waiting.push({ arrivals, done, failed });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#writing || this.#waiting.length === 0) return;
    const enough = this.#waiting.reduce((sum, { arrivals }) => sum + arrivals.length, 0) >= ENOUGH;
    if (enough) void this.#round();
    else this.#gathering ??= setTimeout(() => void this.#round(), GATHER_MS);
  }

  async #round(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#writing = true;
    const arrivals = waiting.flatMap((each) => each.arrivals);
    try {
      await this.writer.write(arrivals);
      for (const { done } of waiting) done();
    } catch (error) {
      for (const { failed } of waiting) failed(error);
    } finally {
      this.arrivals.announce(new Set(arrivals.map(({ portal }) => portal)));
      await this.#tidy();
      this.#writing = false;
      this.#schedule();
    }
  }

  async #tidy(): Promise<void> {
    try {
      await this.writer.tidy();
    } catch (error) {
      this.logger.warn({ err: error }, 'the trail could not be tidied, it is tried again');
    }
  }
}
