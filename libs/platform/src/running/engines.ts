import { join } from 'node:path';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import { createInProcessBus } from '#libs/messaging/src/in-process/bus.js';
import type { Bus } from '#libs/messaging/src/port.js';
import { tracedEngine } from '#libs/tracing/src/traced-engine.js';
import { tracing } from '#libs/tracing/src/tracing.js';
import type { Clock } from '../clock.js';
import type { Config } from '../settings/config.js';
import type { Metrics } from '../observing/metrics.js';

/**
 * The one place that knows which engines there are: MONGO_URL picks the store, KAFKA_BROKERS the bus. What is picked alone is
 * loaded: a tenth of the start would be theirs.
 */
export const engines = {
  async store(config: Pick<Config, 'mongoUrl' | 'dataDir'>, app: AppName): Promise<Engine> {
    const engine = await open(config, app);
    return tracing.on ? tracedEngine(engine) : engine;
  },

  async bus(
    { kafka, kafkaPrefix: prefix, busKeys: keys = [] }: Config,
    { logger, clock, metrics }: { logger: Logger; clock: Clock; metrics: Metrics },
  ): Promise<Bus> {
    const options = { logger, clock, counters: metrics.consumed };
    if (kafka === undefined) return createInProcessBus(options);
    const { createKafkaBus } = await import('#libs/messaging/src/kafka/bus.js');
    return createKafkaBus({ ...options, ...kafka, prefix, keys });
  },
};

async function open({ mongoUrl, dataDir }: Pick<Config, 'mongoUrl' | 'dataDir'>, app: AppName): Promise<Engine> {
  if (mongoUrl === undefined) return openEmbeddedEngine({ path: join(dataDir, app), name: app });
  const { openMongoEngine } = await import('#libs/engine/src/mongo/open.js');
  return openMongoEngine({ url: mongoUrl, app });
}
