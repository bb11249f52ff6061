import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { AppBus } from '#libs/messaging/src/port.js';
import type { Metrics } from './metrics.js';
import { APP_BUS, ENGINE } from '../tokens.js';

type Apps = ReadonlyMap<AppName, NestFastifyApplication>;

export interface Readiness {
  readonly status: 'ok' | 'unavailable';
  readonly apps: Readonly<Record<string, 'ok' | 'starting' | 'store-unavailable' | 'consumer-stalled'>>;
}

/** Can these apps do their work now? The store answers, and no consumer of events stands still. */
export async function readinessOf(expected: readonly AppName[], apps: Apps, logger: Logger): Promise<Readiness> {
  const checks = await Promise.all(
    expected.map(async (name) => {
      const app = apps.get(name);
      return [name, app ? await stateOf(name, app.get(ENGINE), app.get(APP_BUS), logger) : 'starting'] as const;
    }),
  );
  return {
    status: checks.every(([, state]) => state === 'ok') ? 'ok' : 'unavailable',
    apps: Object.fromEntries(checks),
  };
}

/** Of one app that has started. */
export async function stateOf(
  name: AppName,
  engine: Pick<Engine, 'check'>,
  bus: Pick<AppBus, 'health'>,
  logger: Logger,
): Promise<'ok' | 'store-unavailable' | 'consumer-stalled'> {
  try {
    await engine.check();
  } catch (error) {
    logger.warn({ app: name, err: error }, 'the store does not answer');
    return 'store-unavailable';
  }
  return bus.health().some((consumer) => consumer.stalled) ? 'consumer-stalled' : 'ok';
}

/** Only a scrape asks, so only a scrape pays. */
export function measureLag(apps: Apps, { consumerLag }: Metrics): void {
  for (const [app, running] of apps) {
    for (const { source, lag } of running.get<AppBus>(APP_BUS).health()) consumerLag.set({ app, source }, lag);
  }
}
