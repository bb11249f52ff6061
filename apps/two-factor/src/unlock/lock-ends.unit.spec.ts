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
  locked.set('a1', 60_000);
  await lockEnds.note(account, 60_000, 0);
  expect(await endDue(59_000)).toBe(0);
  expect(await endDue(60_000)).toBe(1);
  expect(await endDue(60_000)).toBe(0);
  expect(ended).toEqual(['a1']);
});

it.each([58_000, 62_000, 86_400_000])(
  'R38 ends the lock of one attempt also where another one, which did not lock, noted %i beside it',
  async (other) => {
    for (const order of [
      [60_000, other],
      [other, 60_000],
    ]) {
      locked.set('a1', 60_000);
      for (const endsAt of order) await lockEnds.note(account, endsAt, 0);
      await endDue(59_000);
      await endDue(60_000);
      expect(locked).toEqual(new Map());
    }
  },
);

it('R38 ends a lock also where the clock was set back while it was looked at', async () => {
  locked.set('a1', 60_000);
  await lockEnds.note(account, 60_000, 0);
  expect(await endDue(60_000, 58_000)).toBe(0);
  expect(await endDue(60_000)).toBe(1);
});

it('R38 ends a later lock whose note stands beside that of one which an administrator has ended', async () => {
  await lockEnds.note(account, 60_000, 0);
  locked.set('a1', 120_000);
  await lockEnds.note(account, 120_000, 0);
  expect(await endDue(60_000)).toBe(0);
  expect(await endDue(120_000)).toBe(1);
  expect(ended).toEqual(['a1']);
});

it('R38 ends the other locks where one cannot be ended, and says so', async () => {
  for (const accountId of ['a1', 'a2']) await lockEnds.note({ portal: 'demo', accountId }, 60_000, 0);
  const reached: string[] = [];
  const ending = lockEnds.endDue(60_000, async ({ accountId }) => {
    reached.push(accountId);
    if (accountId === 'a1') throw new Error('damaged');
    return null;
  });
  await expect(ending).rejects.toThrow('damaged');
  expect(reached).toEqual(['a1', 'a2']);
  expect(await endDue(60_000)).toBe(1);
});

it('R38 notes a lock also while the note of an earlier one, which is due, is about to go', async () => {
  await lockEnds.note(account, 60_000, 0);
  await lockEnds.endDue(60_000, async () => {
    locked.set('a1', 120_000);
    await lockEnds.note(account, 120_000, 59_000);
    return null;
  });
  expect(await endDue(120_000)).toBe(1);
  expect(ended).toEqual(['a1']);
});
