import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import { createInProcessBus } from '#libs/messaging/src/in-process/bus.js';
import type { Bus } from '#libs/messaging/src/port.js';
import type { Clock } from './clock.js';
import { type Config, SettingError } from './config.js';
import type { Metrics } from './metrics.js';

/** The one place that knows which engines there are: MONGO_URL picks the store, KAFKA_BROKERS the bus. */
export const engines = {
  store(config: Config, app: AppName): Promise<Engine> {
    if (config.mongoUrl !== undefined)
      throw new SettingError('MONGO_URL', 'is set, and this release stores in DATA_DIR alone');
    return openEmbeddedEngine({ path: join(config.dataDir, app), name: app });
  },

  bus(config: Config, { logger, clock, metrics }: { logger: Logger; clock: Clock; metrics: Metrics }): Bus {
    if (config.kafkaBrokers !== undefined) {
      throw new SettingError('KAFKA_BROKERS', 'is set, and this release has the bus in its process alone');
    }
    return createInProcessBus({ logger, clock, counters: metrics.consumed });
  },
};
