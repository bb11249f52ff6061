import { setTimeout as pause } from 'node:timers/promises';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine } from '#libs/engine/src/port.js';
import { Answering } from '../answering.js';
import { Adoptions } from '../adopting/adoptions.js';
import { ADOPTIONS, DEAD_LETTERS, POSITIONS } from '../collections.js';
import type { ConsumerHealth } from '../consuming/consumer-status.js';
import { type DeadLetter, DeadLetters, isEvent } from '../consuming/dead-letters.js';
import { deliver } from '../consuming/deliveries.js';
import type { Subscription } from '../consuming/subscriptions.js';
import { sortHandlers } from '../nest/handlers.js';
import { BusServer, type Handlers } from '../nest/server.js';
import type { AppBus } from '../port.js';
import type { Ask } from '../requests.js';
import type { BusOptions } from './bus.js';
import { FeedConsumer } from './feed-consumer.js';
import { deliveriesOf } from './feed-deliveries.js';
import { SourceFeed } from './source-feed.js';

/** What the members of a bus are to one another. */
export interface Members {
  readonly ask: Ask;
  feedOf(app: AppName): SourceFeed | undefined;
  /** The member listens: it can be given what it subscribes to. */
  listens(member: Member): void;
  leave(member: Member): Promise<void>;
}

/** One app on the bus. */
export class Member implements AppBus {
  readonly strategy: BusServer;
  readonly ask: Ask;
  readonly adoptions: Adoptions;
  readonly deadLetters: DeadLetters;
  readonly feed: SourceFeed;
  readonly #consumers = new Map<AppName, FeedConsumer>();
  #subscriptions: readonly Subscription[] = [];
  #answering: Answering | undefined;
  readonly #patienceMs: number;

  constructor(
    readonly app: AppName,
    private readonly engine: Engine,
    private readonly others: Members,
    private readonly options: BusOptions,
  ) {
    this.#patienceMs = options.patienceMs ?? 5_000;
    this.feed = new SourceFeed(engine.log.feed);
    this.ask = others.ask;
    this.adoptions = new Adoptions(engine.records(ADOPTIONS), () => this.#subscriptions);
    this.deadLetters = new DeadLetters(engine.records(DEAD_LETTERS), (letter) => this.#replay(letter));
    this.strategy = new BusServer({
      begin: (handlers) => this.#begin(handlers),
      end: () => others.leave(this),
    });
  }

  /** Undefined while the app does not listen. */
  get answering(): Answering | undefined {
    return this.#answering;
  }

  health(): readonly ConsumerHealth[] {
    return this.#subscriptions.map(
      ({ source }) =>
        this.#consumers.get(source)?.health() ?? {
          source,
          position: 0,
          lag: 0,
          stalled: true,
          lastError: null,
        },
    );
  }

  /** That app's log can be read now. */
  follow(source: AppName, feed: SourceFeed): void {
    const subscription = this.#subscriptions.find((one) => one.source === source);
    if (!subscription || this.#consumers.has(source)) return;
    const { logger, clock = Date.now, counters } = this.options;
    const putDeadLetter = (letter: DeadLetter) => this.deadLetters.put(letter);
    const { app, adoptions } = this;
    const context = { app, subscription, adoptions, putDeadLetter, logger, clock, counters };
    this.#consumers.set(source, new FeedConsumer(feed, this.engine.records(POSITIONS), context));
  }

  /** That app's log is about to close. */
  async unfollow(source: AppName): Promise<void> {
    await this.#consumers.get(source)?.stop(this.#patienceMs);
    this.#consumers.delete(source);
  }

  async stopConsuming(): Promise<void> {
    await Promise.all([...this.#consumers.keys()].map((source) => this.unfollow(source)));
  }

  /** What comes from now on is refused; what is in hand is waited for. */
  async stopAnswering(): Promise<void> {
    const answering = this.#answering;
    this.#answering = undefined;
    await Promise.race([answering?.idle(), pause(this.#patienceMs, undefined, { ref: false })]);
  }

  #begin(handlers: Handlers): void {
    const { requests, subscriptions } = sortHandlers(this.app, handlers);
    this.#subscriptions = subscriptions;
    this.#answering = new Answering(requests, this.options.logger);
    this.others.listens(this);
  }

  async #replay({ source, position, index }: DeadLetter): Promise<void> {
    if (!isEvent(source)) throw new Problem('not-found', 'There is no such dead letter.');
    const subscription = this.#subscriptions.find((one) => one.source === source);
    const feed = this.others.feedOf(source);
    if (!subscription || !feed) throw new Problem('unavailable', `${source} is not on the bus.`, { retryAfter: 1 });
    const item = await feed.at(position);
    const [delivery] = item ? deliveriesOf(source, item, () => true).slice(index) : [];
    if (!delivery) throw new Problem('not-found', `The event is not in the log of ${source}.`);
    await deliver(subscription, delivery, this.adoptions);
  }
}
