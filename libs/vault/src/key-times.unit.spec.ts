import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { KeyTimes } from './key-times.js';

it('keys keep the time at which they were seen first, in this store', async () => {
  const engine = new MemoryEngine();
  let now = 1_000;
  const times = new KeyTimes(engine, () => now);
  await times.note(['k1']);
  now = 2_000;
  await times.note(['k2', 'k1']);
  const restarted = new KeyTimes(engine, () => now);
  await restarted.note(['k2', 'k1']);
  expect(Object.fromEntries(await restarted.of(['k2', 'k1', 'k3']))).toEqual({ k1: 1_000, k2: 2_000 });
});
