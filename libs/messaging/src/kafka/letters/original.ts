import { randomUUID } from 'node:crypto';
import type { KafkaConnection, KafkaMessage } from '../cluster/connection.js';

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

const FETCH_MS = 10_000;

/**
 * The message at that place; undefined when the topic does not have it any more.
 * @param group begin of the name of the group that reads it, which ends with it
 */
export async function originalAt(
  connection: KafkaConnection,
  group: string,
  { topic, partition, offset }: Place,
): Promise<KafkaMessage | undefined> {
  const groupId = `${group}.${randomUUID()}`;
  const consumer = connection.consumer(groupId);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    return await new Promise<KafkaMessage | undefined>((resolve, reject) => {
      setTimeout(() => resolve(undefined), FETCH_MS).unref();
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: async ({ batch, resolveOffset }) => {
            resolveOffset(batch.lastOffset());
            const found = batch.messages.find((message) => Number(message.offset) >= offset);
            if (batch.partition === partition && found) {
              resolve(Number(found.offset) === offset ? found : undefined);
            }
          },
        })
        .catch(reject);
      consumer.seek({ topic, partition, offset: `${offset}` });
    });
  } finally {
    await consumer.disconnect();
    await endGroup(connection, groupId);
  }
}

/** It holds nothing; should it stay, the broker forgets it in a week. */
async function endGroup(connection: KafkaConnection, groupId: string): Promise<void> {
  const admin = connection.admin();
  try {
    await admin.connect();
    await admin.deleteGroups([groupId]);
  } catch {
    // not allowed, or gone
  } finally {
    await admin.disconnect();
  }
}
