import { Kafka, logLevel } from 'kafkajs';
import { startContainer } from './kafka/container.js';
import { startLocal } from './kafka/local.js';
import { firstToStart, type ServerProcess } from './server-process.js';
import { until } from '../until.js';

/** `broker`: `127.0.0.1:port` */
export type KafkaProcess = ServerProcess & { readonly broker: string };

export interface KafkaServer {
  readonly brokers: readonly string[];
  /** Undefined when the brokers are those of `KAFKA_BROKERS`. */
  readonly process: KafkaProcess | undefined;
  stop(): Promise<void>;
}

/** Why there is no Kafka on this machine. */
export interface NoKafka {
  readonly missing: string;
}

/**
 * A Kafka for a spec: the brokers of `KAFKA_BROKERS`; else one in a container, where Docker serves; else one on the machine's
 * Java, which Maven fetches on first use. Specs share it by prefixes of their own. `own`: not those of `KAFKA_BROKERS`.
 */
export async function startKafka({ own = false } = {}): Promise<KafkaServer | NoKafka> {
  const given = own ? undefined : process.env.KAFKA_BROKERS;
  if (given !== undefined && given !== '') {
    return { brokers: given.split(','), process: undefined, stop: async () => undefined };
  }
  const server = await firstToStart([startContainer, startLocal]);
  if (!('missing' in server)) return { brokers: [server.broker], process: server, stop: () => server.remove() };
  return { missing: `no Kafka${own ? ' of its own' : ': KAFKA_BROKERS is not set'}; ${server.missing}` };
}

/** Resolves when a broker answers there. */
export async function answering(broker: string, withinMs: number): Promise<void> {
  const kafka = new Kafka({
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 500,
    requestTimeout: 1_000,
    retry: { retries: 0 },
  });
  await until(
    'Kafka answers',
    async () => {
      const admin = kafka.admin();
      try {
        await admin.connect();
        await admin.listTopics();
        return true;
      } catch {
        return false;
      } finally {
        await admin.disconnect().catch(() => 'it was never there');
      }
    },
    withinMs,
  );
}
