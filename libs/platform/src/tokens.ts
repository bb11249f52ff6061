import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { Bus } from '#libs/messaging/src/port.js';
import type { Logger } from 'pino';
import type { Clock } from './clock.js';
import type { Config } from './settings/config.js';
import type { Metrics } from './observing/metrics.js';

/** What an app is given at its start; `createApp` makes each part injectable under its token. */
export interface AppContext {
  readonly app: AppName;
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly engine: Engine;
  readonly bus: Bus;
  /** The apps of one process share one. */
  readonly metrics: Metrics;
}

export const CONFIG = Symbol('Config');
export const CLOCK = Symbol('Clock');
export const LOGGER = Symbol('Logger');
export const ENGINE = Symbol('Engine');
/** The app's own place on the bus (`AppBus`): its consumers' health, its dead letters. */
export const APP_BUS = Symbol('AppBus');
