import type { Logger } from 'pino';
import type { Admin, Consumer, EachBatchPayload } from '../cluster/connection.js';
import { KeptConsumer } from '../consuming/kept-consumer.js';
import { header } from '../events/cloud-events.js';
import type { Sealed } from './sealed.js';

export interface RepliesReaderOptions {
  readonly topic: string;
  readonly instance: string;
  /** In a group of its own: whatever becomes of other instances, this one reads on. */
  readonly create: () => Consumer;
  readonly admin: () => Promise<Admin>;
  readonly topicExists: () => Promise<boolean>;
  readonly onError: (error: string) => void;
  readonly logger: Logger;
}

/** Reads the whole replies topic of an app from its start on, and picks what is for this instance. */
export class RepliesReader {
  onReply: (requestId: string, reply: Sealed) => void = () => undefined;
  /** Another instance of the app has appended to the log. */
  onAppended: () => void = () => undefined;
  readonly #kept: KeptConsumer;
  /** By partition: the offset of what is read next. */
  readonly #next = new Map<number, string>();

  constructor(private readonly options: RepliesReaderOptions) {
    const { topic, create, onError, logger } = options;
    this.#kept = new KeptConsumer({
      topic,
      create,
      fromBeginning: false,
      partitionsAtOnce: 4,
      topicExists: () => this.#prepare(),
      // It commits nothing, so it must be told where to go on.
      onJoin: (consumer) => this.#next.forEach((offset, partition) => consumer.seek({ topic, partition, offset })),
      onBatch: (payload) => this.#batch(payload),
      onError,
      logger,
    });
  }

  /** From then on no reply is missed. */
  get ready(): Promise<void> {
    return this.#kept.joined;
  }
  get alive(): boolean {
    return this.#kept.alive;
  }
  stop(): Promise<void> {
    return this.#kept.stop();
  }

  async #prepare(): Promise<boolean> {
    const { topic, topicExists, admin } = this.options;
    if (!(await topicExists())) return false;
    for (const { partition, high } of await (await admin()).fetchTopicOffsets(topic)) {
      if (!this.#next.has(partition)) this.#next.set(partition, high);
    }
    return true;
  }

  async #batch({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
    for (const message of batch.messages) {
      if (header(message, 'appended') !== undefined) {
        if (header(message, 'instance') !== this.options.instance) this.onAppended();
      } else if (header(message, 'instance') === this.options.instance) {
        const reply = { keyId: header(message, 'key-id') ?? '', value: message.value ?? Buffer.alloc(0) };
        this.onReply(header(message, 'correlation-id') ?? '', reply);
      }
    }
    const last = batch.lastOffset();
    this.#next.set(batch.partition, `${BigInt(last) + 1n}`);
    resolveOffset(last);
    await heartbeat();
  }
}
