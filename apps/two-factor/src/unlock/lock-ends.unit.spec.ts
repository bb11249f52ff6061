import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { LockEnds } from './lock-ends.js';

const account = { portal: 'demo', accountId: 'a1' };
let lockEnds: LockEnds;
/** When the locks that are there end, by account. */
let locked: Map<string, number>;
let ended: string[];

beforeEach(() => {
  lockEnds = new LockEnds(new MemoryEngine());
  locked = new Map();
  ended = [];
});

/** With a clock of its own. */
const endDue = (now: number, clock = now) =>
  lockEnds.endDue(now, async ({ accountId }) => {
    const endsAt = locked.get(accountId) ?? null;
    if (endsAt === null || endsAt > clock) return endsAt;
    locked.delete(accountId);
    ended.push(accountId);
    return null;
  });

it('R38 ends a lock at its end, once, and not before', async () => {
  locked.set('a1', 60);
  await lockEnds.note(account, 60);
  expect(await endDue(59)).toBe(0);
  expect(await endDue(60)).toBe(1);
  expect(await endDue(60)).toBe(0);
  expect(ended).toEqual(['a1']);
});

it.each([58, 62, 86_400])(
  'R38 ends the lock of one attempt also where another one, which did not lock, noted %i beside it',
  async (other) => {
    for (const order of [
      [60, other],
      [other, 60],
    ]) {
      locked.set('a1', 60);
      for (const endsAt of order) await lockEnds.note(account, endsAt);
      await endDue(59);
      await endDue(60);
      expect(locked).toEqual(new Map());
    }
  },
);

it('R38 ends a lock also where the clock was set back while it was looked at', async () => {
  locked.set('a1', 60);
  await lockEnds.note(account, 60);
  expect(await endDue(60, 58)).toBe(0);
  expect(await endDue(60)).toBe(1);
});

it('R38 ends a later lock whose note stands beside that of one which an administrator has ended', async () => {
  await lockEnds.note(account, 60);
  locked.set('a1', 120);
  await lockEnds.note(account, 120);
  expect(await endDue(60)).toBe(0);
  expect(await endDue(120)).toBe(1);
  expect(ended).toEqual(['a1']);
});

it('R38 ends the other locks where one cannot be ended, and says so', async () => {
  for (const accountId of ['a1', 'a2']) await lockEnds.note({ portal: 'demo', accountId }, 60);
  const reached: string[] = [];
  const ending = lockEnds.endDue(60, async ({ accountId }) => {
    reached.push(accountId);
    if (accountId === 'a1') throw new Error('damaged');
    return null;
  });
  await expect(ending).rejects.toThrow('damaged');
  expect(reached).toEqual(['a1', 'a2']);
  expect(await endDue(60)).toBe(1);
});
