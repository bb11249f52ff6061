import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { openMongoEngine } from '#libs/engine/src/mongo/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import { createInProcessBus } from '#libs/messaging/src/in-process/bus.js';
import { createKafkaBus } from '#libs/messaging/src/kafka/bus.js';
import type { Bus } from '#libs/messaging/src/port.js';
import type { Clock } from '../clock.js';
import type { Config } from '../settings/config.js';
import type { Metrics } from '../observing/metrics.js';

/** The one place that knows which engines there are: MONGO_URL picks the store, KAFKA_BROKERS the bus. */
export const engines = {
  store({ mongoUrl, dataDir }: Pick<Config, 'mongoUrl' | 'dataDir'>, app: AppName): Promise<Engine> {
    if (mongoUrl !== undefined) return openMongoEngine({ url: mongoUrl, app });
    return openEmbeddedEngine({ path: join(dataDir, app), name: app });
  },

  bus(
    { kafka, kafkaPrefix: prefix }: Config,
    { logger, clock, metrics }: { logger: Logger; clock: Clock; metrics: Metrics },
  ): Bus {
    const options = { logger, clock, counters: metrics.consumed };
    return kafka === undefined ? createInProcessBus(options) : createKafkaBus({ ...options, ...kafka, prefix });
  },
};
