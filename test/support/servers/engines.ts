import { randomBytes } from 'node:crypto';
import { type KafkaServer, startKafka } from './kafka.js';
import { type MongoServer, newDatabase, startMongo } from './mongo.js';
import { dropTopics, keepMessages } from './kafka/topics.js';
import { countDocuments, dropDatabase, keepDocuments } from './mongo/documents.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import { countEvents } from '../stored/stored.js';
import { lookInto } from '../stored/store-file.js';

export type EngineName = 'embedded' | 'kafka-mongo';

/** What an engine adds to the environment of the product, and how it is ended after the last start. */
export interface RunningEngine {
  readonly env: Readonly<Record<string, string>>;
  /** Writes what is stored elsewhere than in the product's own files into files of that folder. */
  keep(folder: string): Promise<void>;
  /** How many events of a portal are recorded now. */
  recorded(portal: string, dataDir: string): Promise<number>;
  /** A backup by tools of its own; without it the product's tool makes it. */
  backUp?(folder: string): Promise<void>;
  stop(): Promise<void>;
}

/** Servers that several stacks share, or that one treats badly. */
export interface Servers {
  readonly kafka: KafkaServer;
  readonly mongo: MongoServer;
  readonly stop: () => Promise<void>;
}

/**
 * `own`: nobody else's, also where `KAFKA_BROKERS` and `MONGO_URL` name some.
 * Else a Kafka and a MongoDB as `startKafka` and `startMongo` find them, or why there are none.
 */
export async function startServers({ own = false } = {}): Promise<Servers | { readonly missing: string }> {
  const [kafka, mongo] = await Promise.all([startKafka({ own }), startMongo({ own })]);
  const stop = async () => {
    await Promise.all([kafka, mongo].map(async (server) => ('missing' in server ? undefined : server.stop())));
  };
  if (!('missing' in kafka) && !('missing' in mongo)) return { kafka, mongo, stop };
  await stop();
  return { missing: [kafka, mongo].flatMap((server) => ('missing' in server ? [server.missing] : [])).join('; ') };
}

/** On topics and a database that nobody else uses; they go when it stops, the servers stay. */
export function engineOn({ kafka, mongo }: Servers): RunningEngine {
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const url = newDatabase(mongo.url);
  return {
    // few partitions: each stack makes its topics anew
    env: { KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_PREFIX: prefix, KAFKA_PARTITIONS: '3', MONGO_URL: url },
    async keep(folder) {
      await Promise.all([keepMessages(kafka.brokers, prefix, folder), keepDocuments(url, folder)]);
    },
    recorded: (portal) => countDocuments(url, portal),
    backUp: (folder) => keepDocuments(url, folder),
    async stop() {
      await Promise.all([dropTopics(kafka.brokers, prefix), dropDatabase(url)]);
    },
  };
}

const engines: Record<EngineName, () => Promise<RunningEngine>> = {
  embedded: async () => ({
    env: {},
    keep: async () => {},
    async recorded(portal, dataDir) {
      let count = 0;
      for (const app of sourceApps) count += await lookInto(dataDir, app, (store) => countEvents(store, portal));
      return count;
    },
    stop: async () => {},
  }),
  'kafka-mongo': async () => {
    const servers = await startServers();
    if ('missing' in servers) throw new Error(servers.missing);
    const engine = engineOn(servers);
    const stop = async () => {
      await engine.stop();
      await servers.stop();
    };
    return { ...engine, stop };
  },
};

/** The engine that the specs run on: `TWINLOCK_TEST_ENGINE`, embedded unless set. */
export function chosenEngine(): EngineName {
  const name = process.env.TWINLOCK_TEST_ENGINE ?? 'embedded';
  if (!Object.hasOwn(engines, name)) {
    throw new Error(`TWINLOCK_TEST_ENGINE=${name}: one of ${Object.keys(engines).join(', ')} is meant`);
  }
  return name as EngineName;
}

export const startEngine = (name: EngineName): Promise<RunningEngine> => engines[name]();
