import { essentialApps } from '#libs/contracts/src/http/endpoint.js';
import type { Observation } from './history.js';
import type { World } from './world.js';

/** What goes wrong beside the messages: instances die, databases are away, readers change, clocks are wrong. */
export async function troubles(
  world: World,
  tell: (observed: Observation) => void,
  over: () => boolean,
): Promise<void> {
  const { random, scheduler } = world;
  const kinds = [
    () => {
      const process = random.pick(world.processes);
      if (!process.app) return undefined;
      world.crash(process);
      return `${process.name} dies`;
    },
    () => {
      const app = random.pick(essentialApps);
      const ms = random.fraction() * 8_000;
      world.database(app).awayUntil = scheduler.now + ms;
      return `the database of ${app} is away for ${Math.round(ms)} ms`;
    },
    () => {
      const process = random.pick(world.processes);
      const { name } = process.definition;
      const ms = random.fraction() * 4_000;
      world.database(name).awayUntil = scheduler.now + ms;
      scheduler.after(
        ms + random.fraction() * 1_200,
        () => process.app && process.alive && world.crash(process),
        undefined,
      );
      return `the database of ${name} is away for ${Math.round(ms)} ms, and ${process.name} dies as it comes back`;
    },
    () => {
      world.network.moveALease();
      return 'another instance reads events';
    },
    () => {
      const process = random.pick(world.processes);
      process.skew = (random.fraction() - 0.5) * 4_000;
      return `the clock of ${process.name} is off by ${Math.round(process.skew)} ms`;
    },
  ];
  // each world has troubles of its own
  const here = kinds.filter(() => random.chance(0.6));
  const everyMs = random.pick([5_000, 30_000, 120_000]);
  while (here.length > 0) {
    await scheduler.pause(random.fraction() * everyMs);
    if (over()) return;
    const what = random.pick(here)();
    if (what !== undefined) tell({ kind: 'fault', at: scheduler.now, what });
  }
}
