import { randomBytes } from 'node:crypto';
import { startKafka } from './kafka.js';
import { startMongo } from './mongo.js';

export type EngineName = 'embedded' | 'kafka-mongo';

/** What an engine adds to the environment of the product, and how it is ended after the last start. */
export interface RunningEngine {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const engines: Record<EngineName, () => Promise<RunningEngine>> = {
  embedded: async () => ({ env: {}, stop: async () => {} }),
  'kafka-mongo': async () => {
    const [kafka, mongo] = await Promise.all([startKafka(), startMongo()]);
    const stop = async () => {
      await Promise.all([kafka, mongo].map(async (server) => ('missing' in server ? undefined : server.stop())));
    };
    if ('missing' in kafka || 'missing' in mongo) {
      await stop();
      throw new Error([kafka, mongo].flatMap((server) => ('missing' in server ? [server.missing] : [])).join('; '));
    }
    const env = {
      KAFKA_BROKERS: kafka.brokers.join(','),
      KAFKA_PREFIX: `test-${randomBytes(6).toString('hex')}`,
      MONGO_URL: mongo.url,
    };
    return { env, stop };
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
