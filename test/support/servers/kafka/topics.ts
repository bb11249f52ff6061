import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Admin, Kafka, logLevel } from 'kafkajs';

async function withAdmin<T>(brokers: readonly string[], work: (admin: Admin, kafka: Kafka) => Promise<T>): Promise<T> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin, kafka);
  } finally {
    await admin.disconnect();
  }
}

const topicsOf = async (admin: Admin, prefix: string): Promise<string[]> =>
  (await admin.listTopics()).filter((topic) => topic.startsWith(`${prefix}.`));

export const dropTopics = (brokers: readonly string[], prefix: string): Promise<void> =>
  withAdmin(brokers, async (admin) => {
    const topics = await topicsOf(admin, prefix);
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });

/**
 * Writes every message into `folder`, a file for each topic: headers, key and value as they are. Without requests and replies,
 * which are gone in a minute: a typed code passes there.
 */
export const keepMessages = (brokers: readonly string[], prefix: string, folder: string): Promise<void> =>
  withAdmin(brokers, async (admin, kafka) => {
    const topics = (await topicsOf(admin, prefix)).filter((topic) => !/\.(requests|replies)$/.test(topic));
    mkdirSync(folder, { recursive: true });
    const missing = new Map<string, number>();
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (Number(high) > Number(low)) missing.set(`${topic} ${partition}`, Number(high));
      }
    }
    if (missing.size === 0) return;
    const groupId = `${prefix}.kept-${randomUUID()}`;
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    await consumer.connect();
    try {
      await consumer.subscribe({ topics, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
        consumer
          .run({
            autoCommit: false,
            eachBatch: async ({ batch: { topic, partition, messages } }) => {
              for (const { headers, key, value } of messages) {
                appendFileSync(
                  join(folder, topic),
                  `${JSON.stringify(headers, text)}\n${String(key)}\n${String(value)}\n`,
                );
              }
              const last = Number(messages.at(-1)?.offset ?? -1);
              if (last + 1 >= (missing.get(`${topic} ${partition}`) ?? 0)) missing.delete(`${topic} ${partition}`);
              if (missing.size === 0) resolve();
            },
          })
          .catch(reject);
      });
    } finally {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => 'it goes by itself');
    }
  });

/** Bytes of a header as the text that they are. */
const text = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value
    ? Buffer.from(value.data as number[]).toString()
    : value;
