import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import { Outbox } from '#libs/engine/src/outbox.js';
import type { Engine, FeedItem } from '#libs/engine/src/port.js';
import { outline } from '../../failures.js';
import { Notifier } from '../../consuming/notifier.js';
import type { Message } from '../cluster/connection.js';
import type { Sending } from '../cluster/sending.js';
import { encodeEvents } from './cloud-events.js';

export interface PublisherOptions {
  readonly app: SourceApp;
  readonly engine: Pick<Engine, 'log' | 'records'>;
  /** Another for each start of each process. */
  readonly instance: string;
  readonly topic: string;
  readonly sending: Sending;
  /** Rejects until the topic is there. */
  readonly ready: () => Promise<void>;
  /** Tells the other instances of the app that this one, which does not publish, has appended. */
  readonly tellOthers: () => void;
  readonly logger: Logger;
  /** A dead holder's lease goes to another after so long, in milliseconds; 3,000 unless told. */
  readonly leaseMs?: number;
}

const COMMITS = 500;
/** Brokers take a megabyte at most; a batch of one partition stays well below. */
const BYTES = 400_000;
/** Appends are told of; should one not be, it is noticed so late. */
const LOOK_AGAIN_MS = 500;
const LONGEST_PAUSE_MS = 1_000;

/** Brings what is in the log of an app, and only that, to its topic: in order, at least once. One instance at a time. */
export class Publisher {
  readonly #outbox: Outbox;
  readonly #appended = new Notifier();
  readonly #stopping = new AbortController();
  readonly #leaseMs: number;
  readonly #running: Promise<void>;
  #held = false;
  #askedAt = -Infinity;

  constructor(private readonly options: PublisherOptions) {
    this.#outbox = new Outbox(options.engine);
    this.#leaseMs = options.leaseMs ?? 3_000;
    this.#running = this.#run();
  }

  /** Somebody publishes: this instance or another. A dead one's lease may still stand at the start. */
  get settled(): boolean {
    return this.#held || this.#outbox.otherPublishes;
  }

  /** Another instance has appended. */
  readonly look = (): void => this.#appended.notify();

  async stop(patienceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#appended.notify();
    await Promise.race([this.#running, pause(patienceMs, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { engine, instance, tellOthers, logger } = this.options;
    const { signal } = this.#stopping;
    const stopListening = engine.log.feed.onAppend(() => {
      if (this.#held) this.#appended.notify();
      else tellOthers();
    });
    let wait = 50;
    let failing = false;
    while (!signal.aborted) {
      try {
        this.#appended.reset();
        const more = (await this.#lease()) && (await this.#publish());
        if (failing) logger.info('events are published again');
        failing = false;
        wait = 50;
        if (!more && !signal.aborted) await this.#appended.wait(Math.min(LOOK_AGAIN_MS, this.#leaseMs / 3));
      } catch (error) {
        if (!failing) logger.warn({ error: outline(error) }, 'events cannot be published now');
        failing = true;
        this.#held = false;
        await pause(wait, undefined, { signal }).catch(() => 'stopped');
        wait = Math.min(2 * wait, LONGEST_PAUSE_MS);
      }
    }
    stopListening();
    if (this.#held) await this.#outbox.release(instance).catch(() => 'it passes to another by itself');
  }

  async #lease(): Promise<boolean> {
    const now = performance.now();
    if (this.#held && now - this.#askedAt < this.#leaseMs / 3) return true;
    await this.options.ready();
    const held = await this.#outbox.lease(this.options.instance, this.#leaseMs);
    if (held && !this.#held) this.options.logger.info('this instance publishes the events');
    this.#held = held;
    this.#askedAt = now;
    return this.#held;
  }

  /** One batch. False: there is nothing more now. */
  async #publish(): Promise<boolean> {
    const { app, topic, sending } = this.options;
    const items = await this.#outbox.unpublished(COMMITS);
    if (items.length === 0) return false;
    const { messages, last } = batchOf(items, app);
    await sending.durably([{ topic, messages }]);
    if (!(await this.#outbox.markPublished(last))) this.#held = false;
    return true;
  }
}

function batchOf(items: readonly FeedItem[], app: SourceApp): { messages: Message[]; last: number } {
  const messages: Message[] = [];
  let last = 0;
  let bytes = 0;
  for (const { position, commit } of items) {
    const encoded = encodeEvents(commit, app);
    bytes += encoded.reduce((total, { value }) => total + (value?.length ?? 0) + 600, 0);
    if (messages.length > 0 && bytes > BYTES) break;
    messages.push(...encoded);
    last = position;
  }
  return { messages, last };
}
