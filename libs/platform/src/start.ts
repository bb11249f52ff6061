import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import { type AppDefinition, createApp } from './app.js';
import { fileClock, systemClock } from './clock.js';
import type { Config } from './config.js';
import { engines } from './engines.js';
import { Metrics } from './metrics.js';
import { serve } from './serve.js';

/** Apps that are on the bus and have no port. */
export interface Running {
  readonly apps: ReadonlyMap<AppName, NestFastifyApplication>;
  /** Finishes what is at work, then leaves the bus and closes the stores. Once. */
  readonly close: () => Promise<void>;
}

export interface Started extends Running {
  /** `http://127.0.0.1:3000` */
  readonly url: string;
}

export interface StartOptions {
  readonly config: Config;
  readonly logger: Logger;
}

/** Brings these apps up in this process. What fails leaves nothing open behind it. */
export async function bringUp(
  definitions: readonly AppDefinition[],
  { config, logger }: StartOptions,
): Promise<Running & { readonly open: () => Promise<Started> }> {
  const steps: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= undo(steps, logger));
  const orClose = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await close();
      throw error;
    }
  };

  return orClose(async () => {
    const clock = config.testClockFile === undefined ? systemClock : fileClock(config.testClockFile);
    const metrics = new Metrics().withProcess();
    const stores = new Map<AppName, Engine>();
    for (const { name } of definitions) {
      const engine = await engines.store(config, name);
      stores.set(name, engine);
      steps.push(() => engine.close());
    }
    const bus = engines.bus(config, { logger, clock, metrics });
    steps.push(() => bus.close());

    const apps = new Map<AppName, NestFastifyApplication>();
    for (const definition of definitions) {
      const engine = stores.get(definition.name)!;
      const own = logger.child({ app: definition.name });
      const context = { app: definition.name, config, clock, logger: own, engine, bus, metrics };
      const app = await createApp(definition, context);
      apps.set(definition.name, app);
      steps.push(() => app.close());
    }
    const open = () =>
      orClose(async () => {
        const front = await serve({ apps, config, logger, metrics });
        steps.push(() => front.close());
        return { url: front.url, apps, close };
      });
    return { apps, close, open };
  });
}

/** Brings these apps up and opens the port when they are. */
export async function start(definitions: readonly AppDefinition[], options: StartOptions): Promise<Started> {
  const running = await bringUp(definitions, options);
  return running.open();
}

/** The last made first; one that fails keeps none of the others from closing. */
async function undo(steps: readonly (() => Promise<unknown>)[], logger: Logger): Promise<void> {
  for (const step of [...steps].reverse()) {
    try {
      await step();
    } catch (error) {
      logger.error({ err: error }, 'something did not close well');
    }
  }
}
