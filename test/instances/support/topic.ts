import { randomUUID } from 'node:crypto';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { until } from '#test/support/until.js';

export interface Message {
  readonly key: string;
  readonly id: string;
  readonly hash: string;
  readonly version: number;
  /** When the test had it, by `performance.now()`. */
  readonly seenAt: number;
}

/** Follows the events of an app on its topic from the first on, as any consumer from outside may. */
export class Topic {
  readonly messages: Message[] = [];
  readonly #consumer: Consumer;

  private constructor(
    private readonly settings: Readonly<Record<string, string>>,
    private readonly app: string,
  ) {
    const brokers = settings.KAFKA_BROKERS!.split(',');
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    this.#consumer = kafka.consumer({ groupId: `${settings.KAFKA_PREFIX}.test-${randomUUID()}`, maxWaitTimeInMs: 50 });
  }

  static async follow(settings: Readonly<Record<string, string>>, app: string): Promise<Topic> {
    const topic = new Topic(settings, app);
    const consumer = topic.#consumer;
    await consumer.connect();
    await consumer.subscribe({ topic: `${settings.KAFKA_PREFIX}.${app}.events`, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message: { key, headers } }) => {
        topic.messages.push({
          key: String(key),
          id: String(headers?.ce_id),
          hash: String(headers?.ce_hash),
          version: Number(String(headers?.ce_streamversion)),
          seenAt: performance.now(),
        });
      },
    });
    return topic;
  }

  /** Throws unless each stream's first deliveries are in order, without a gap, and repetitions are the same event. */
  checkOrder(): void {
    const seen = new Map<string, Message[]>();
    for (const message of this.messages) {
      const stream = seen.get(message.key) ?? [];
      seen.set(message.key, stream);
      const known = stream[message.version - 1];
      const where = `${message.key} at version ${message.version}`;
      if (known && (known.id !== message.id || known.hash !== message.hash))
        throw new Error(`${where}: another event than before`);
      if (known) continue;
      if (message.version !== stream.length + 1) throw new Error(`${where}: follows version ${stream.length}`);
      stream.push(message);
    }
  }

  /** Resolves when the topic has every event of the log, and no other. Throws when it has one that is not in the log. */
  async untilComplete(withinMs: number): Promise<void> {
    const recorded = await this.#recorded();
    const published = () => new Set(this.messages.map(({ id, hash }) => `${id} ${hash}`));
    await until('all of the log is published', () => [...recorded].every((event) => published().has(event)), withinMs);
    const unknown = [...published()].filter((event) => !recorded.has(event));
    if (unknown.length > 0) throw new Error(`published, and not in the log: ${unknown.join(', ')}`);
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect();
  }

  /** As the database has them. */
  async #recorded(): Promise<ReadonlySet<string>> {
    const client = new mongoose.mongo.MongoClient(this.settings.MONGO_URL!);
    try {
      const commits = client.db().collection<{ events: { body: string; hash: string }[] }>(`${this.app}.commits`);
      const events = (await commits.find().toArray()).flatMap((commit) => commit.events);
      return new Set(events.map(({ body, hash }) => `${(JSON.parse(body) as { id: string }).id} ${hash}`));
    } finally {
      await client.close();
    }
  }
}
