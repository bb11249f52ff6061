import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { MessageHandler } from '@nestjs/microservices';
import { isSource } from '#libs/contracts/src/events/events.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import { Adoptions } from '../adopting/adoptions.js';
import { Answering } from '../answering.js';
import { ADOPTIONS } from '../collections.js';
import type { ConsumerHealth } from '../consuming/consumer-status.js';
import type { DeadLetter, DeadLetters } from '../consuming/dead-letters.js';
import type { Subscription } from '../consuming/subscriptions.js';
import { sortHandlers, type SortedHandlers } from '../nest/handlers.js';
import { BusServer } from '../nest/server.js';
import type { AppBus } from '../port.js';
import type { Ask } from '../requests.js';
import type { Shared } from './bus.js';
import { Commands } from './commands.js';
import { EventConsumer } from './events/event-consumer.js';
import { Publisher } from './events/publisher.js';
import { type BadMessage, Letters } from './letters/letters.js';
import { Asking } from './requests/asking.js';
import { RepliesReader } from './requests/replies-reader.js';
import { Serving } from './requests/serving.js';

/** Appends of one moment are told of once. */
const TELL_MS = 5;

/** One app on the bus. */
export class KafkaMember implements AppBus {
  readonly strategy: BusServer;
  readonly ask: Ask;
  readonly adoptions: Adoptions;
  readonly #instance = randomUUID();
  readonly #letters: Letters;
  readonly #replies: RepliesReader;
  readonly #asking: Asking;
  readonly #publisher: Publisher | undefined;
  readonly #patienceMs: number;
  readonly #made: Promise<void>;
  readonly #consumers = new Map<Subscription, EventConsumer>();
  #subscriptions: readonly Subscription[] = [];
  #answering: Answering | undefined;
  #serving: Serving | undefined;
  #commands: Commands | undefined;
  #lastError: ConsumerHealth['lastError'] = null;
  #telling = false;
  #stoppedConsuming = false;
  #leaving: Promise<void> | undefined;

  constructor(
    readonly app: AppName,
    engine: Engine,
    private readonly shared: Shared,
    private readonly onLeave: () => void,
  ) {
    const { options, connection, administration, sending, sealer, topics } = shared;
    this.#patienceMs = options.patienceMs ?? 5_000;
    this.#made = administration.make(app, app === 'two-factor');
    // The bus was closed before it worked; whoever waits for it is told.
    this.#made.catch(() => undefined);
    this.adoptions = new Adoptions(engine.records(ADOPTIONS), () => this.#subscriptions);
    this.#letters = new Letters({
      app,
      engine,
      connection,
      sending,
      topics,
      subscriptions: () => this.#subscriptions,
      adoptions: this.adoptions,
    });
    this.#replies = new RepliesReader({
      topic: topics.replies(app),
      instance: this.#instance,
      create: () => connection.consumer(topics.group(app, `replies.${this.#instance}`)),
      admin: administration.admin,
      topicExists: () => this.#ownTopics(),
      onError: (error) => this.#note(error),
      logger: options.logger,
    });
    this.#asking = new Asking({
      app,
      instance: this.#instance,
      topics,
      sending,
      sealer,
      replies: this.#replies,
      logger: options.logger,
    });
    if (isSource(app)) {
      this.#publisher = new Publisher({
        app,
        engine,
        instance: this.#instance,
        topic: topics.events(app),
        sending,
        ready: () => this.#made,
        tellOthers: () => this.#tellOthers(),
        logger: options.logger.child({ app }),
        ...(options.leaseMs !== undefined && { leaseMs: options.leaseMs }),
      });
      this.#replies.onAppended = this.#publisher.look;
    }
    this.ask = this.#asking.ask;
    this.strategy = new BusServer({
      begin: (handlers) => this.#begin(sortHandlers(app, handlers)),
      end: () => this.leave(),
    });
  }

  get deadLetters(): DeadLetters {
    return this.#letters.all;
  }

  health(): readonly ConsumerHealth[] {
    // Without replies and requests no event can be handled that asks or is asked for; without a publisher none of its own comes.
    const cutOff =
      !this.#replies.alive ||
      this.#serving?.alive === false ||
      this.#commands?.alive === false ||
      this.#publisher?.settled === false;
    return this.#subscriptions.map((subscription) => {
      const health = this.#consumers.get(subscription)?.health() ?? {
        source: subscription.source,
        position: 0,
        lag: 0,
        stalled: true,
        lastError: null,
      };
      return { ...health, stalled: health.stalled || cutOff, lastError: health.lastError ?? this.#lastError };
    });
  }

  async stopConsuming(): Promise<void> {
    this.#stoppedConsuming = true;
    const consumers = [...this.#consumers.values(), ...(this.#commands ? [this.#commands] : [])];
    await Promise.all(consumers.map((consumer) => consumer.stop(this.#patienceMs)));
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    await this.stopConsuming();
    const patience = pause(this.#patienceMs, undefined, { ref: false });
    await this.#serving?.stop(this.#patienceMs);
    await Promise.race([this.#answering?.idle(), patience]);
    await Promise.race([this.shared.sending.idle(), patience]);
    await this.#publisher?.stop(this.#patienceMs);
    this.#asking.close();
    await Promise.race([this.#replies.stop(), pause(this.#patienceMs, undefined, { ref: false })]);
    this.onLeave();
  }

  #begin({ requests, subscriptions, commands }: SortedHandlers): void {
    const { options, connection, administration, topics, sending, sealer } = this.shared;
    const { logger } = options;
    this.#subscriptions = subscriptions;
    this.#answering = new Answering(requests, logger);
    if (requests.size > 0) {
      const topic = topics.requests(this.app);
      this.#serving = new Serving({
        topic,
        create: () => connection.consumer(topics.group(this.app, 'requests')),
        topicExists: () => this.#ownTopics(),
        answering: this.#answering,
        topics,
        sending,
        sealer,
        deadLetter: (bad) => this.#deadLetter(bad, 'requests'),
        onError: (error) => this.#note(error),
        logger,
      });
    }
    // Their handlers may ask, and be asked in turn.
    void Promise.all([this.#replies.ready, this.#serving?.joined]).then(() => {
      if (this.#stoppedConsuming) return;
      if (commands) this.#commands = this.#takeCommands(commands);
      for (const subscription of subscriptions) {
        const { source } = subscription;
        const topic = topics.events(source);
        const consumer = new EventConsumer(
          {
            app: this.app,
            subscription,
            adoptions: this.adoptions,
            putDeadLetter: (letter: DeadLetter) => this.#letters.put(letter),
            logger,
            clock: options.clock ?? Date.now,
            counters: options.counters,
          },
          {
            topic,
            create: () => connection.consumer(topics.group(this.app, `events.${source}`)),
            topicExists: () => administration.exists(topic),
          },
        );
        this.#consumers.set(subscription, consumer);
      }
    });
  }

  #takeCommands(handler: MessageHandler): Commands {
    const { options, connection, topics, sending } = this.shared;
    return new Commands({
      topic: topics.commands(this.app),
      create: () => connection.consumer(topics.group(this.app, 'commands')),
      topicExists: () => this.#ownTopics(),
      handler,
      topics,
      sending,
      deadLetter: (bad) => this.#deadLetter(bad, 'commands'),
      clock: options.clock ?? Date.now,
      onError: (error) => this.#note(error),
      logger: options.logger,
    });
  }

  async #ownTopics(): Promise<boolean> {
    await this.#made;
    return true;
  }

  #tellOthers(): void {
    if (this.#telling) return;
    this.#telling = true;
    setTimeout(() => {
      this.#telling = false;
      const headers = { appended: '1', instance: this.#instance };
      this.shared.sending
        .soon(this.shared.topics.replies(this.app), { value: null, headers })
        .catch(() => 'they look by themselves');
    }, TELL_MS);
  }

  async #deadLetter({ message, partition, reason }: BadMessage, source: 'requests' | 'commands'): Promise<void> {
    const { logger, clock = Date.now, counters } = this.shared.options;
    const letter: DeadLetter = {
      source,
      position: Number(message.offset),
      index: partition,
      stream: '',
      type: '',
      eventId: null,
      reason,
      at: new Date(clock()).toISOString(),
    };
    await this.#letters.put(letter);
    logger.error({ deadLetter: letter }, 'a message became a dead letter');
    counters?.deadLettered.inc({ app: this.app, source }, 1);
  }

  #note(error: string): void {
    this.#lastError = { error, at: new Date((this.shared.options.clock ?? Date.now)()).toISOString() };
  }
}
