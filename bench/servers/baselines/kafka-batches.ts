import { type Consumer, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import '#libs/messaging/src/kafka/cluster/kafkajs-patch.js';

const IN_FLIGHT = 4;
const BATCH = 500;

export const kafkaAt = (brokers: readonly string[]): Kafka =>
  new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });

/** Messages of one topic, sent together with whatever else waits, a few batches on their way. */
export class Batches {
  private waiting: Message[] = [];
  private inFlight = 0;
  private scheduled = false;

  constructor(
    private readonly producer: Producer,
    private readonly topic: string,
  ) {}

  send(message: Message): void {
    this.waiting.push(message);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= IN_FLIGHT || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    const messages = this.waiting.splice(0, BATCH);
    this.inFlight++;
    this.schedule();
    await this.producer.send({ topic: this.topic, messages, acks: 1 });
    this.inFlight--;
    this.schedule();
  }
}

/** Reads a topic from its beginning, batch by batch: where "now" is, a consumer finds out some time after it has joined. */
export async function reading(
  kafka: Kafka,
  topic: string,
  groupId: string,
  onMessage: (message: { value: Buffer | null; key: Buffer | null }) => void,
): Promise<Consumer> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 250 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 16,
    eachBatch: async ({ batch }) => batch.messages.forEach(onMessage),
  });
  return consumer;
}

/** Messages of a topic until now. */
export async function countOf(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
}

export async function makeTopics(brokers: readonly string[], topics: readonly string[]): Promise<void> {
  const admin = kafkaAt(brokers).admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map((topic) => ({ topic, numPartitions: 12, replicationFactor: 1 })),
  });
  await admin.disconnect();
}
