import type { Logger } from 'pino';
import { outline } from '../../failures.js';
import type { KafkaConnection, Message, TopicMessages } from './connection.js';

/** Produces at once side by side; what comes meanwhile goes together with the next. */
const IN_FLIGHT = 4;
const BATCH = 500;

interface Waiting {
  readonly topic: string;
  readonly message: Message;
  readonly wanted: () => boolean;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** The producer of a process. It connects when it is first used. */
export class Sending {
  readonly #producer;
  #connected: Promise<void> | undefined;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #idle: (() => void) | undefined;
  #scheduled = false;
  #closed = false;

  constructor(
    connection: KafkaConnection,
    private readonly logger: Logger,
  ) {
    this.#producer = connection.producer();
  }

  /** Durable on all replicas in sync when it resolves, each topic's messages in this order. @throws what kafkajs throws */
  async durably(topicMessages: TopicMessages[]): Promise<void> {
    await this.#connect();
    await this.#producer.sendBatch({ topicMessages, acks: -1 });
  }

  /**
   * Soon, together with others, in no order; a broker has it when it resolves, unless it was not wanted. For what is asked
   * again when it is lost.
   * @param wanted asked when its turn comes: false, and it is not sent
   * @throws what kafkajs throws
   */
  soon(topic: string, message: Message, wanted = () => true): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ topic, message, wanted, done, failed });
      this.#schedule();
    });
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    if (this.#inFlight > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => (this.#idle = resolve));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#connected) await this.#producer.disconnect();
  }

  #connect(): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the bus is closed'));
    this.#connected ??= this.#producer.connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return this.#connected;
  }

  /** After what is already to be done in this turn, so that what belongs together goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= IN_FLIGHT || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.slice(0, BATCH);
    this.#waiting = this.#waiting.slice(BATCH);
    this.#inFlight += 1;
    this.#schedule();
    try {
      await this.#connect();
      const topicMessages = byTopic(batch.filter(({ wanted }) => wanted()));
      if (topicMessages.length > 0) await this.#producer.sendBatch({ topicMessages, acks: 1 });
      for (const { done } of batch) done();
    } catch (error) {
      this.logger.warn({ error: outline(error) }, 'messages could not be sent');
      for (const { failed } of batch) failed(error);
    }
    this.#inFlight -= 1;
    this.#schedule();
    if (this.#inFlight === 0 && this.#waiting.length === 0) this.#idle?.();
  }
}

function byTopic(batch: readonly Waiting[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, message } of batch) {
    const messages = topics.get(topic);
    if (messages) messages.push(message);
    else topics.set(topic, [message]);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
