import { setTimeout as sleep } from 'node:timers/promises';
import { type RecordedEvent, type SourceApp, sourceOf } from '#libs/contracts/src/events/event.js';
import { adoptedRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOf } from '#libs/contracts/src/stream.js';
import type { Key, Records } from '#libs/engine/src/port.js';
import type { Requests } from '../requests.js';

export interface StreamPoint {
  readonly source: SourceApp;
  readonly stream: string;
  readonly version: number;
}

/** How long a change may wait for the other apps to act by it (R28). */
const PATIENCE_MS = 5_000;
/** Who records in this process wakes those who wait in it; another instance of the app can only be seen by looking. */
const LOOK_AGAIN_MS = 50;

/**
 * Which events of the others this app acts by already. An event handler records the event after its effect is durable;
 * the app that made the change waits for it before it answers (R28).
 */
export class Adoptions {
  readonly #waiting = new Map<AbortController, StreamPoint>();

  constructor(private readonly records: Records<number>) {}

  /** An event that is delivered again takes back nothing that later ones have reached. */
  async record(event: RecordedEvent): Promise<void> {
    const point = { source: sourceOf(event.type), stream: streamOf(event), version: event.streamVersion };
    await this.#raise([point.source, point.stream], point.version);
    for (const [waiter, wanted] of this.#waiting) {
      if (covers(point, wanted)) waiter.abort();
    }
  }

  /** False: not within the time. */
  async reached(point: StreamPoint, patienceMs = PATIENCE_MS): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    const waiter = new AbortController();
    this.#waiting.set(waiter, point);
    try {
      for (;;) {
        const version = await this.records.get([point.source, point.stream]);
        if (waiter.signal.aborted || (version !== undefined && version >= point.version)) return true;
        const left = deadline - performance.now();
        if (left <= 0) return false;
        await sleep(Math.min(LOOK_AGAIN_MS, left), undefined, waiter).catch(() => 'woken');
      }
    } finally {
      this.#waiting.delete(waiter);
    }
  }

  async #raise(key: Key, version: number): Promise<void> {
    for (;;) {
      const present = await this.records.get(key);
      if (present !== undefined && present >= version) return;
      const raised =
        present === undefined
          ? await this.records.create(key, version)
          : await this.records.replace(key, present, version);
      if (raised) return;
    }
  }
}

const covers = (reached: StreamPoint, wanted: StreamPoint): boolean =>
  reached.source === wanted.source && reached.stream === wanted.stream && reached.version >= wanted.version;

/** The other side: waits until these apps act by a change that was just recorded. */
export class Effects {
  constructor(private readonly requests: Requests) {}

  /** @throws Problem `not-yet-effective` after 5 seconds; the change is recorded all the same */
  async reached(apps: readonly SourceApp[], point: StreamPoint): Promise<void> {
    try {
      await Promise.all(apps.map((app) => this.requests.send(adoptedRequests[app], point)));
    } catch (error) {
      if (error instanceof Problem) {
        throw new Problem('not-yet-effective', 'The change is recorded and will take effect shortly.', {
          retryAfter: 1,
        });
      }
      throw error;
    }
  }
}
