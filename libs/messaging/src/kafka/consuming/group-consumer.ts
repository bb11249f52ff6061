import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { OrderedWork } from '../../consuming/ordered-work.js';
import { outline } from '../../failures.js';
import type { Consumer, EachBatchPayload, KafkaMessage } from '../cluster/connection.js';
import { KeptConsumer } from './kept-consumer.js';

export interface GroupConsumerOptions {
  readonly topic: string;
  readonly create: () => Consumer;
  readonly topicExists: () => Promise<boolean>;
  /** Of one partition, side by side. */
  readonly concurrency: number;
  /** Messages of one partition that are taken and not done. */
  readonly openAtMost: number;
  /** Messages that are handed over together, at most. */
  readonly chunk: number;
  /** Hands the work over: `push` or `skip` for the position after each message. */
  readonly take: (messages: readonly KafkaMessage[], partition: number, work: OrderedWork, hold: Hold) => void;
  readonly onError: (error: string) => void;
  readonly logger: Logger;
}

/** The present hold of this instance on its partitions. */
export interface Hold {
  /** Ends what need not be finished. */
  readonly signal: AbortSignal;
  /** An instance that held the partition before may have taken the message up, and not committed it. */
  readonly takenBefore: (message: KafkaMessage) => boolean;
}

/** After a crash at most this long's messages are delivered again. */
const COMMIT_MS = 200;
const HEARTBEAT_MS = 500;
const PARTITIONS_AT_ONCE = 16;
/** For the last commit and goodbye to the group: with the brokers away it ends without. */
const LEAVING_MS = 5_000;

/** What this instance has between two changes of the group. */
interface Generation {
  readonly stopping: AbortController;
  readonly works: Map<number, OrderedWork>;
  /** By partition, its end when the first of it was fetched. */
  readonly began: Map<number, number>;
  /** The work of the generation before has ended. */
  readonly ready: Promise<unknown>;
  /** By partition, the position up to which all is done and not committed. */
  uncommitted: Map<number, number>;
}

/** Consumes one topic as a member of a group; commits what is done, without gaps. */
export class GroupConsumer {
  readonly #kept: KeptConsumer;
  readonly #committing: NodeJS.Timeout;
  #generation: Generation = newGeneration(Promise.resolve());
  /** By partition: done up to here; the end of the partition. */
  readonly #done = new Map<number, number>();
  readonly #ends = new Map<number, number>();
  #commit = Promise.resolve();
  #stopped = false;
  #caughtUp = false;

  constructor(private readonly options: GroupConsumerOptions) {
    const { topic, create, topicExists, onError, logger } = options;
    this.#kept = new KeptConsumer({
      topic,
      create,
      topicExists,
      fromBeginning: true,
      partitionsAtOnce: PARTITIONS_AT_ONCE,
      onJoin: () => this.#begin(),
      onBatch: (payload) => this.#batch(payload),
      onError,
      logger,
    });
    this.#committing = setInterval(() => void this.commit(), COMMIT_MS);
  }

  get joined(): Promise<void> {
    return this.#kept.joined;
  }
  get alive(): boolean {
    return this.#kept.alive;
  }
  /** What waited when it came is done: from then on it is as near as the others. */
  get caughtUp(): boolean {
    this.#caughtUp ||= this.#kept.fetched && this.lag === 0;
    return this.#caughtUp;
  }
  /** Messages of the partitions seen that are done, and that are not. */
  get position(): number {
    return sum(this.#done.values());
  }
  get lag(): number {
    return Math.max(0, sum(this.#ends.values()) - this.position);
  }

  /** Never rejects: what is not committed comes again. */
  commit(): Promise<void> {
    this.#commit = this.#commit.then(async () => {
      const generation = this.#generation;
      const positions = generation.uncommitted;
      if (positions.size === 0) return;
      generation.uncommitted = new Map();
      try {
        await this.#kept.commit(positions);
      } catch (error) {
        this.options.logger.debug({ error: outline(error) }, 'offsets could not be committed');
        generation.uncommitted = new Map([...positions, ...generation.uncommitted]);
      }
    });
    return this.#commit;
  }

  /** Takes up nothing more and waits so long for what is in hand. What is not done comes again. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopped = true;
    this.#kept.hold();
    clearInterval(this.#committing);
    await Promise.race([end(this.#generation), pause(patienceMs, undefined, { ref: false })]);
    // Work that hangs does not keep it from leaving the group, so that the others need not wait until it is missed.
    const leaving = pause(LEAVING_MS, undefined, { ref: false });
    await Promise.race([this.commit(), leaving]);
    await Promise.race([this.#kept.stop(), leaving]);
  }

  #begin(): void {
    this.#generation = newGeneration(Promise.all([this.#generation.ready, end(this.#generation)]));
    this.#done.clear();
    this.#ends.clear();
  }

  async #batch({ batch, heartbeat, resolveOffset, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const generation = this.#generation;
    const { partition, messages } = batch;
    this.#ends.set(partition, Number(batch.highWatermark));
    const began = generation.began.get(partition) ?? Number(batch.highWatermark);
    generation.began.set(partition, began);
    const hold: Hold = {
      signal: generation.stopping.signal,
      takenBefore: ({ offset }) => Number(offset) < began,
    };
    await this.#beating(generation.ready, heartbeat);
    const work = this.#workOf(generation, partition, Number(batch.firstOffset() ?? messages[0]?.offset ?? 0));
    for (let index = 0; index < messages.length; index += this.options.chunk) {
      if (this.#stopped || generation !== this.#generation || !isRunning() || isStale()) return;
      const chunk = messages.slice(index, index + this.options.chunk);
      this.options.take(chunk, partition, work, hold);
      this.#done.set(partition, work.position);
      resolveOffset(chunk.at(-1)?.offset ?? '');
      await this.#beating(work.room(this.options.openAtMost), heartbeat);
    }
    await heartbeat();
  }

  #workOf(generation: Generation, partition: number, from: number): OrderedWork {
    const present = generation.works.get(partition);
    if (present) return present;
    const work = new OrderedWork(this.options.concurrency, (position) => {
      generation.uncommitted.set(partition, position);
      if (generation === this.#generation) this.#done.set(partition, position);
    });
    work.skip(from);
    generation.works.set(partition, work);
    return work;
  }

  /** Waits unless it is stopped, and keeps the place in the group. @throws what `heartbeat` throws: the group changes */
  async #beating(waited: Promise<unknown>, heartbeat: () => Promise<void>): Promise<void> {
    let done = false;
    const finished = waited.then(() => (done = true));
    while (!done && !this.#stopped) {
      const stop = new AbortController();
      await Promise.race([finished, pause(HEARTBEAT_MS, undefined, { signal: stop.signal }).catch(() => 'woken')]);
      stop.abort();
      if (!done) await heartbeat();
    }
  }
}

const newGeneration = (ready: Promise<unknown>): Generation => ({
  stopping: new AbortController(),
  works: new Map(),
  began: new Map(),
  ready,
  uncommitted: new Map(),
});

async function end({ stopping, works }: Generation): Promise<void> {
  stopping.abort();
  await Promise.all([...works.values()].map((work) => work.stop()));
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);
