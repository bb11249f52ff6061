import { emptyMemory, MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { GatheredLocks } from './gathered-locks.js';
import { type Mail, MailQueue } from './mail-queue.js';

const HOUR_MS = 3_600_000;
const lockOf = (account: string): Mail => ({
  event: { id: account, type: 'AccountLocked', time: new Date(0).toISOString() },
  portal: 'demo',
  account,
  news: { kind: 'locked', endsAt: null },
});

it('a lock that is gathered while the mail of its hour is being made is told of with the next', async () => {
  let now = 0;
  const engine = new MemoryEngine({ memory: emptyMemory() });
  const queue = new MailQueue(engine, () => now);
  const locks = new GatheredLocks(engine, () => now, queue);
  const eventsOf = async (hour: number) => [...(await locks.of({ portal: 'demo', hour })).keys()];

  await locks.gather(lockOf('alice'));
  now = 2 * HOUR_MS;
  const [due] = await queue.due(1);
  const told = await locks.of({ portal: 'demo', hour: 0 });
  // by another process, whose clock is behind
  now = 0;
  await locks.gather(lockOf('bob'));
  now = 2 * HOUR_MS;
  await queue.finish(due!, 'sent');
  await locks.settle({ portal: 'demo', hour: 0 }, told);

  expect(await eventsOf(0)).toEqual([]);
  expect(await eventsOf(1)).toEqual(['bob']);
  now = 3 * HOUR_MS;
  expect(await queue.due(1)).toMatchObject([{ mail: { portal: 'demo', hour: 1 } }]);
});
