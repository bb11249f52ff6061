import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { outline } from '../../failures.js';
import type { Consumer, EachBatchPayload } from '../cluster/connection.js';

export interface ConsumerDefinition {
  readonly topic: string;
  readonly create: () => Consumer;
  /** Where there is no committed offset: the first message, or what comes from now on. */
  readonly fromBeginning: boolean;
  /** Partitions that are worked on side by side. */
  readonly partitionsAtOnce: number;
  /** False: it waits. */
  readonly topicExists: () => Promise<boolean>;
  /** After each joining of the group, with the partitions that it has now. */
  readonly onJoin: (consumer: Consumer, partitions: readonly number[]) => void;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  readonly onError: (error: string) => void;
  readonly logger: Logger;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** Fetches follow one another much faster. */
const SILENCE_MS = 15_000;

/** A consumer that is there again whatever ends it, until it is stopped. */
export class KeptConsumer {
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #consumer: Consumer | undefined;
  #joined = false;
  #heardAt = 0;
  #fetches = 0;
  #onJoined!: () => void;
  /** Resolves at the first joining. */
  readonly joined = new Promise<void>((resolve) => (this.#onJoined = resolve));

  constructor(private readonly definition: ConsumerDefinition) {
    this.#running = this.#run();
  }

  /** In its group, and fetching. */
  get alive(): boolean {
    return this.#joined && performance.now() - this.#heardAt < SILENCE_MS;
  }

  /** Since it joined last it has fetched and gone to fetch again: what waited for it has been handed over. */
  get fetched(): boolean {
    return this.#joined && this.#fetches > 1;
  }

  /** @throws what kafkajs throws, also when it is not in its group */
  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    const { topic } = this.definition;
    const offsets = [...positions].map(([partition, position]) => ({ topic, partition, offset: `${position}` }));
    if (!this.#consumer) throw new Error('there is no consumer');
    await this.#consumer.commitOffsets(offsets);
  }

  /** Fetches nothing more, and stays in the group. */
  hold(): void {
    if (this.#joined) this.#consumer?.pause([{ topic: this.definition.topic }]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let wait = FIRST_PAUSE_MS; !signal.aborted; wait = Math.min(2 * wait, LONGEST_PAUSE_MS)) {
      try {
        // it may have been stopped meanwhile
        if ((await this.definition.topicExists()) && !signal.aborted) await this.#untilItEnds();
      } catch (error) {
        this.#note(error);
      }
      if (this.#joined) wait = FIRST_PAUSE_MS;
      this.#joined = false;
      await pause(wait, undefined, { signal }).catch(() => 'stopped');
    }
  }

  /** Resolves when it was stopped; rejects when it has crashed. */
  async #untilItEnds(): Promise<void> {
    const { topic, create, fromBeginning, partitionsAtOnce, onBatch } = this.definition;
    const consumer = create();
    const ended = this.#watch(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning });
      this.#consumer = consumer;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitionsAtOnce,
        eachBatch: onBatch,
      });
      await ended;
    } finally {
      this.#consumer = undefined;
      await consumer.disconnect().catch((error: unknown) => this.#note(error));
    }
  }

  #watch(consumer: Consumer): Promise<void> {
    const { topic, onJoin, logger } = this.definition;
    const { GROUP_JOIN, FETCH, HEARTBEAT, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      onJoin(consumer, payload.memberAssignment[topic] ?? []);
      this.#heardAt = performance.now();
      this.#fetches = 0;
      this.#joined = true;
      this.#onJoined();
    });
    consumer.on(FETCH, () => {
      this.#heardAt = performance.now();
      this.#fetches += 1;
    });
    consumer.on(HEARTBEAT, () => void (this.#heardAt = performance.now()));
    return new Promise((resolve, reject) => {
      this.#stopping.signal.addEventListener('abort', () => resolve(), { once: true });
      consumer.on(CRASH, ({ payload }) => {
        this.#joined = false;
        this.#note(payload.error);
        logger.warn({ topic, error: outline(payload.error) }, 'a consumer stopped and is being restarted');
        reject(payload.error);
      });
    });
  }

  #note(error: unknown): void {
    this.definition.onError(outline(error));
  }
}
