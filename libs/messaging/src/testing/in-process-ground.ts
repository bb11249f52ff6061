import { type AppName, appNames } from '#libs/contracts/src/http/endpoint.js';
import type { Engine } from '#libs/engine/src/port.js';
import { createInProcessBus } from '../in-process/bus.js';
import type { BusGround } from './bus-contract.js';
import { MortalEngine } from './mortal-engine.js';

/** For the in-process bus: engines that outlive its processes. */
export function inProcessGround(engines: ReadonlyMap<AppName, Engine>): BusGround {
  const engine = (app: AppName) => {
    const found = engines.get(app);
    if (!found) throw new TypeError(`no engine for ${app}`);
    return found;
  };
  return {
    engine,
    start: async (logger) => {
      const mortal = new Map(appNames.map((app) => [app, new MortalEngine(engine(app))]));
      return {
        bus: createInProcessBus({ logger }),
        engine: (app) => mortal.get(app) ?? engine(app),
        kill: async () => mortal.forEach((one) => one.kill()),
      };
    },
    close: async () => {
      await Promise.all([...engines.values()].map((one) => one.close()));
    },
  };
}
