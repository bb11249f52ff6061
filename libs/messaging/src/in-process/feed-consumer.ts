import { setImmediate as yieldToOthers, setTimeout as pause } from 'node:timers/promises';
import type { MessageHandler } from '@nestjs/microservices';
import type { Logger } from 'pino';
import type { FeedItem, Records } from '#libs/engine/src/port.js';
import { type ConsumerHealth, Outages } from '../consuming/consumer-status.js';
import { Deliveries, type DeliveryContext } from '../consuming/deliveries.js';
import { OrderedWork } from '../consuming/ordered-work.js';
import { Retries } from '../consuming/retries.js';
import { outline } from '../failures.js';
import { Notifier } from '../consuming/notifier.js';
import { deliveriesOf } from './feed-deliveries.js';
import { isHandled } from '../consuming/subscriptions.js';
import { SavedPosition } from './saved-position.js';
import type { SourceFeed } from './source-feed.js';

/** Streams that are worked on side by side. */
const CONCURRENCY = 32;
/** Commits read and not done: a stream that is held up holds the others up only when so many have piled up behind it. */
const OPEN_AT_MOST = 1_024;
/** The feed tells of what was appended; should it ever not, it is noticed so late. */
const LOOK_AGAIN_MS = 1_000;

/** Reads the log of one app for another, from the saved position on, until it is stopped. */
export class FeedConsumer {
  readonly #stopping = new AbortController();
  readonly #appended = new Notifier();
  readonly #log: Logger;
  readonly #outages: Outages;
  readonly #retries: Retries;
  readonly #deliveries: Deliveries;
  readonly #saved: SavedPosition;
  readonly #work = new OrderedWork(CONCURRENCY, (position) => this.#saved.reached(position, true));
  /** Everything up to here is taken up, if not done. */
  #taken = 0;
  readonly #running: Promise<void>;

  constructor(
    private readonly feed: SourceFeed,
    positions: Records<number>,
    private readonly context: DeliveryContext,
  ) {
    const { source } = context.subscription;
    this.#log = context.logger.child({ app: context.app, source });
    this.#outages = new Outages(context.clock, (stalled, error) => {
      if (stalled) this.#log.warn({ error }, 'the events of an app cannot be handled now');
      else this.#log.info('the events of an app are handled again');
    });
    this.#retries = new Retries(this.#outages, this.#stopping.signal);
    this.#deliveries = new Deliveries(context, this.#outages, this.#stopping.signal);
    this.#saved = new SavedPosition(positions, source, (error) => this.#outages.note(outline(error)));
    this.#running = this.#run();
  }

  health(): ConsumerHealth {
    const { position } = this.#work;
    return {
      source: this.context.subscription.source,
      position,
      lag: Math.max(0, this.feed.newest - position),
      stalled: this.#outages.any,
      lastError: this.#outages.lastError,
    };
  }

  /** Takes up nothing more, waits so long for what is in hand, and saves how far it came. What is not done comes again. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#appended.notify();
    await Promise.race([Promise.all([this.#running, this.#work.stop()]), pause(patienceMs, undefined, { ref: false })]);
    try {
      await this.#saved.close();
    } catch (error) {
      this.#log.warn({ error: outline(error) }, 'a position could not be saved; events will be delivered again');
    }
  }

  async #run(): Promise<void> {
    const stopListening = this.feed.onAppend(this.#appended.notify);
    try {
      await this.#retries.untilDone(async () => this.#startFrom(await this.#saved.load()));
      while (!this.#stopping.signal.aborted) await this.#retries.untilDone(() => this.#page());
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error;
    } finally {
      stopListening();
    }
  }

  #startFrom(position: number): void {
    this.#work.skip(position);
    this.#taken = position;
  }

  async #page(): Promise<void> {
    this.#appended.reset();
    const items = await this.feed.read(this.#taken);
    if (items.length === 0) return this.#appended.wait(LOOK_AGAIN_MS);
    const { batch } = this.context.subscription;
    if (batch) await this.#takeBatch(batch, items);
    else for (const item of items) await this.#take(item);
    this.#saved.reached(this.#work.position, false);
    // Engines may read without giving way: a long log must not keep the process from its other work.
    await yieldToOthers();
  }

  async #take(item: FeedItem): Promise<void> {
    const { source, handlersOf } = this.context.subscription;
    const { position, commit } = item;
    const deliveries = deliveriesOf(source, item, (type) => isHandled(handlersOf(type)));
    if (deliveries.length === 0) this.#work.skip(position);
    else {
      await this.#work.room(OPEN_AT_MOST);
      this.#work.push(position, commit.stream, async () => {
        for (const delivery of deliveries) await this.#deliveries.one(delivery);
      });
    }
    this.#taken = position;
  }

  /** One batch at a time: while it is worked on, the next grows. */
  async #takeBatch(handler: MessageHandler, items: readonly FeedItem[]): Promise<void> {
    const { source } = this.context.subscription;
    const last = items.at(-1)?.position ?? this.#taken;
    const batch = items.flatMap((item) => deliveriesOf(source, item, () => true));
    this.#work.push(last, source, () => this.#deliveries.batch(handler, batch));
    this.#taken = last;
    await this.#work.room(1);
  }
}
