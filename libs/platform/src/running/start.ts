import { setTimeout as pause } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { type Engine, outageBehind } from '#libs/engine/src/port.js';
import { type AppDefinition, createApp } from '../app.js';
import { fileClock, systemClock } from '../clock.js';
import type { Config } from '../settings/config.js';
import { engines } from './engines.js';
import type { Mount } from '../http/front.js';
import { beginTracing } from '../observing/tracing.js';
import { Metrics } from '../observing/metrics.js';
import { refuseFormerLog } from './log-form.js';
import { KeyRingRotation } from '../settings/key-ring-rotation.js';
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
  /** Given, an engine that is away is waited for until this is aborted; else it ends the start. */
  readonly waiting?: AbortSignal;
  readonly metrics?: Metrics;
  /** Served beside the apps. */
  readonly mount?: Mount;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

const metricsOf = (definitions: readonly AppDefinition[]): Metrics =>
  new Metrics().withProcess(definitions.map(({ name }) => name));

/** Brings these apps up in this process, without a port. What fails leaves nothing open behind it. */
export async function bringUp(definitions: readonly AppDefinition[], options: StartOptions): Promise<Running> {
  const { config, logger, waiting, metrics = metricsOf(definitions) } = options;
  for (let wait = FIRST_PAUSE_MS, told = false; ; wait = Math.min(2 * wait, LONGEST_PAUSE_MS)) {
    waiting?.throwIfAborted();
    try {
      return await bringUpOnce(definitions, config, logger, metrics);
    } catch (error) {
      const outage = outageBehind(error);
      // an embedded store that is not there will not come by itself
      if (!waiting || config.mongoUrl === undefined || !outage) throw error;
      if (!told) logger.warn(`${outage.message}; retrying`);
      told = true;
    }
    await pause(wait, undefined, { signal: waiting });
  }
}

async function bringUpOnce(
  definitions: readonly AppDefinition[],
  config: Config,
  logger: Logger,
  metrics: Metrics,
): Promise<Running> {
  const steps: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= undo(steps, logger));
  try {
    const clock = config.testClockFile === undefined ? systemClock : fileClock(config.testClockFile);
    const stores = new Map<AppName, Engine>();
    for (const { name } of definitions) {
      const engine = await engines.store(config, name);
      stores.set(name, engine);
      steps.push(() => engine.close());
      await refuseFormerLog(engine, config);
    }
    const bus = await engines.bus(config, { logger, clock, metrics });
    steps.push(() => bus.close());
    const rotation = new KeyRingRotation(
      { name: 'BUS_KEYS', keys: config.busKeys ?? [], file: config.busKeysFile },
      logger,
    );
    rotation.use(() => ({ useRing: (keys) => bus.useRing?.(keys) }));
    rotation.onApplicationBootstrap();
    steps.push(() => rotation.onApplicationShutdown());

    const apps = new Map<AppName, NestFastifyApplication>();
    for (const definition of definitions) {
      const engine = stores.get(definition.name)!;
      const own = logger.child({ app: definition.name });
      const context = { app: definition.name, config, clock, logger: own, engine, bus, metrics };
      const app = await createApp(definition, context);
      apps.set(definition.name, app);
      steps.push(() => app.close());
    }
    return { apps, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens the port, so that health can be asked for, and brings these apps up behind it. Until they are there `ready` is false
 * and what is asked of them is answered 503. `beforeServing` is done on the apps before others may.
 */
export async function start(
  definitions: readonly AppDefinition[],
  options: StartOptions,
  beforeServing: (apps: Running['apps']) => Promise<void> = async () => {},
): Promise<Started> {
  const { config, logger, mount } = options;
  const metrics = options.metrics ?? metricsOf(definitions);
  const apps = new Map<AppName, NestFastifyApplication>();
  const expected = definitions.map(({ name }) => name);
  const alone = expected.length === 1 ? `-${expected[0]}` : '';
  // before the stores and the handlers, which are made to tell of what they do or are not
  const steps = config.tracing ? [await beginTracing(config.tracing, `twinlock${alone}`, logger)] : [];
  let url: string;
  try {
    const front = await serve({ apps, expected, config, logger, metrics, mount });
    url = front.url;
    steps.push(() => front.close());
    const running = await bringUp(definitions, { ...options, metrics });
    steps.splice(-1, 0, running.close);
    await beforeServing(running.apps);
    for (const [name, app] of running.apps) apps.set(name, app);
  } catch (error) {
    await undo(steps, logger);
    throw error;
  }
  let closing: Promise<void> | undefined;
  return { url, apps, close: () => (closing ??= undo(steps, logger)) };
}

/** The last made first; one that fails keeps none of the others from closing. */
async function undo(steps: readonly (() => Promise<unknown>)[], logger: Logger): Promise<void> {
  for (const step of [...steps].reverse()) {
    try {
      await step();
    } catch (error) {
      logger.error({ err: error }, 'shutdown of a part failed');
    }
  }
}
