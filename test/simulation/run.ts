import { sourceApps } from '#libs/contracts/src/events/events.js';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { predicates } from './predicates/all.js';
import type { Scheduler } from './runtime/scheduler.js';
import { as } from './runtime/scheduler.js';
import type { Observation } from './world/history.js';
import { live, populate } from './world/people.js';
import { troubles } from './world/troubles.js';
import { World } from './world/world.js';

export interface Outcome {
  readonly complaints: string[];
  readonly history: readonly Observation[];
  readonly steps: number;
  readonly operations: number;
}

/** Who acts at the same time. */
const ACTING = 6;
const REST_MS = 300_000;
/** Predicates look at what is there at rest for so long, at most. */
const LOOKING_MS = 60_000;

export interface RunOptions {
  /** Attempts of people and services. */
  readonly operations: number;
  readonly leftOut?: ReadonlySet<number>;
  /** Nothing dies, is away or has a wrong clock. */
  readonly withoutTroubles?: boolean;
  /** Every message and every write arrives, once, and soon. */
  readonly withoutLosses?: boolean;
  /** After the world is made, nothing but signed commands. */
  readonly byBusAlone?: boolean;
}

/** So that it does not while the predicates look. */
const aLockEndsSoon = (world: World): boolean =>
  world
    .database('two-factor')
    .stored<number>('lock-ends')
    .some(({ value: endsAt }) => endsAt < world.scheduler.now + LOOKING_MS);

/** One world, until so many attempts were made or something is wrong. */
export async function run(scheduler: Scheduler, options: RunOptions): Promise<Outcome> {
  const { operations, leftOut, withoutTroubles = false, withoutLosses = false, byBusAlone = false } = options;
  const world = new World(scheduler);
  if (leftOut) world.isLeftOut = (attempt) => leftOut.has(attempt);
  const history: Observation[] = [];
  const complaints = world.faultsFound;
  const watching = predicates.map(({ rule, says, begin }) =>
    begin((what) => complaints.push(`${rule}, ${says}: ${what}`), world),
  );
  const tell = (observed: Observation) => {
    history.push(observed);
    for (const { seen } of watching) seen?.(observed);
  };
  const read = new Map<AppName, number>();
  const tellOfEvents = () => {
    for (const app of sourceApps) {
      const { commits } = world.database(app);
      for (let at = read.get(app) ?? 0; at < commits.length; at++) {
        for (const { name, body } of commits[at]!.events) {
          tell({ kind: 'event', at: scheduler.now, app, name, event: JSON.parse(body) as RecordedEvent });
        }
      }
      read.set(app, commits.length);
    }
  };
  world.afterEachStep = tellOfEvents;
  await world.start();
  const cast = await world.until(as(undefined, () => populate(world, tell))).catch((error: unknown) => {
    complaints.push((error as Error).message);
  });
  if (!cast) return { complaints, history, steps: scheduler.steps, operations: world.drawn };
  world.faults.quiet = withoutLosses;
  const isOver = () => complaints.length > 0 || world.drawn >= operations;
  const all = Array.from({ length: ACTING }, () => as(undefined, () => live(world, cast, tell, isOver, byBusAlone)));
  if (!withoutTroubles) void as(undefined, () => troubles(world, tell, isOver));
  await world.until(Promise.all(all));
  if (complaints.length === 0) await world.until(Promise.all(world.reading));
  if (complaints.length === 0) {
    world.faults.quiet = true;
    for (const process of world.processes) process.skew = 0;
    const latest = scheduler.now + REST_MS;
    do await world.pass(1_000);
    while (scheduler.now < latest && (world.network.behind() !== 0 || aLockEndsSoon(world)));
    if (world.network.behind() !== 0) complaints.push(`R31: readers are ${world.network.behind()} behind after a rest`);
    for (const { atRest } of watching) await atRest?.(cast);
  }
  return { complaints, history, steps: scheduler.steps, operations: world.drawn };
}
