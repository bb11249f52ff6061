import { updateRecord } from '#libs/engine/src/records.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#libs/contracts/src/context.js';
import { type RecordedEvent, type SourceApp, appOf } from '#libs/contracts/src/events/event.js';
import { adoptedRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { streamOf } from '#libs/contracts/src/stream.js';
import type { Key, Records } from '#libs/engine/src/port.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import type { Subscription } from '../consuming/subscriptions.js';
import type { Requests } from '../requests.js';

/** How long a change may wait for the other apps to act by it (R28). */
const PATIENCE_MS = 5_000;
/** Who records in this process wakes those who wait in it; another instance of the app can only be seen by looking. */
const LOOK_AGAIN_MS = 50;

/**
 * How far this app acts by the events of the others. The bus notes each event that a handler names once the handler's effect
 * is durable; what no handler names counts as adopted. The app that made a change waits for it before it answers (R28).
 */
export class Adoptions {
  readonly #waiting = new Set<{ readonly key: Key; readonly version: number; readonly wake: AbortController }>();

  constructor(
    /** By source and stream: the version of the last event that was adopted. */
    private readonly records: Records<number>,
    private readonly subscriptions: () => readonly Subscription[],
  ) {}

  /** An event that is delivered again takes back nothing that later ones have reached. */
  async note(event: RecordedEvent<unknown>): Promise<void> {
    const [key, version] = placeOf(event);
    await updateRecord(this.records, key, (present = 0) => (present >= version ? undefined : version));
    for (const {
      key: [source, stream],
      version: wanted,
      wake,
    } of this.#waiting) {
      if (source === key[0] && stream === key[1] && version >= wanted) wake.abort();
    }
  }

  /** Whether this event, or a later one of its stream, was adopted before. */
  async has(event: RecordedEvent<unknown>): Promise<boolean> {
    const [key, version] = placeOf(event);
    return ((await this.records.get(key)) ?? 0) >= version;
  }

  /** False: not within the time. */
  async reached({ source, stream, versions }: Recorded, patienceMs = PATIENCE_MS): Promise<boolean> {
    const named = this.subscriptions().find((one) => one.source === source)?.named ?? [];
    const version = Math.max(0, ...[...named].map((name) => versions[name] ?? 0));
    if (version === 0) return true;
    const deadline = performance.now() + patienceMs;
    const key = [source, stream];
    const wake = new AbortController();
    const waiter = { key, version, wake };
    this.#waiting.add(waiter);
    try {
      for (;;) {
        const adopted = (await this.records.get(key)) ?? 0;
        if (wake.signal.aborted || adopted >= version) return true;
        const left = deadline - performance.now();
        if (left <= 0) return false;
        await sleep(Math.min(LOOK_AGAIN_MS, left), undefined, wake).catch(() => 'woken');
      }
    } finally {
      this.#waiting.delete(waiter);
    }
  }
}

const placeOf = (event: RecordedEvent<unknown>): [Key, number] => [
  [appOf(event.type), streamOf(event)],
  event.streamVersion,
];

/** The other side: waits until these apps act by all that a stream holds. */
export class Effects {
  constructor(private readonly requests: Requests) {}

  /** @throws Problem `not-yet-effective` after 5 seconds; the change is recorded all the same */
  async reached(apps: readonly SourceApp[], recorded: Recorded, context: Context): Promise<void> {
    try {
      await Promise.all(apps.map((app) => this.requests.send(adoptedRequests[app], recorded, context)));
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
