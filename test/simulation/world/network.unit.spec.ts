import { pino } from 'pino';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { controllers, record, Script, startApp } from '#libs/messaging/src/testing/bus-apps.js';
import { Random } from '#test/support/random.js';
import { realPause, Scheduler } from '../runtime/scheduler.js';
import type { Process } from './process.js';
import { World } from './world.js';

const logger = pino({ level: 'silent' });

it('R31 a reader that is given its events again while it still ends its work reads on', async () => {
  const scheduler = new Scheduler(new Random(1), 0);
  const world = new World(scheduler);
  const { network } = world;
  const latest = performance.now() + 3_000;
  const goOn = async (until: () => boolean) => {
    while (!until() && performance.now() < latest) if (!(await scheduler.step())) await realPause();
  };
  const pass = async (ms: number) => {
    let isOver = false;
    scheduler.after(ms, () => (isOver = true));
    await goOn(() => isOver);
  };

  const inHand: (() => void)[] = [];
  const script = new Script();
  script.event = () => (inHand.length < 1 ? new Promise<void>((resolve) => void inHand.push(resolve)) : undefined);
  const starting = ['identity 1', 'identity 2'].map((name) => {
    const process = { name, alive: true } as Process;
    const bus = network.busOf(process, logger, Date.now);
    return startApp(bus.join('identity', new MemoryEngine()), controllers.events, script);
  });
  const apps = await Promise.all(starting);
  await record(world.database('two-factor').memory, 'a1', ['AttemptFailed']);
  await goOn(() => inHand.length === 1);

  network.moveALease();
  await pass(2_500);
  network.moveALease();
  await pass(2_500);
  inHand[0]!();
  await goOn(() => network.behind() === 0);
  expect(network.behind()).toBe(0);
  for (const app of apps) await app.close();
});
