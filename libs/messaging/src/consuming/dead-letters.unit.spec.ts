import { MemoryRecords } from '#libs/event-store/src/testing/memory-engine.js';
import { type DeadLetter, DeadLetters } from './dead-letters.js';

const letter = (position: number, minute: number, more: Partial<DeadLetter> = {}): DeadLetter => ({
  source: 'identity',
  position,
  index: 0,
  stream: 'demo/a1',
  type: 'identity.account-changed.v1',
  eventId: `c${position}.1`,
  reason: 'TypeError',
  at: new Date(minute * 60_000).toISOString(),
  ...more,
});

it('the newest come first, from whichever source; those that were replayed do not count', async () => {
  const letters = new DeadLetters(new MemoryRecords(), () => Promise.resolve());
  expect(await letters.newest(2)).toEqual({ count: 0, newest: [] });
  for (let i = 1; i <= 9; i += 1) await letters.put(letter(i, (i * 4) % 9));
  await letters.put(letter(10, 60, { source: 'admin-policy' }));
  await letters.put(letter(11, 90, { replayedAt: '2026-11-24T09:30:00.000Z' }));
  const { count, newest } = await letters.newest(2);
  expect(count).toBe(10);
  // the second is of minute 8
  expect(newest.map(({ position }) => position)).toEqual([10, 2]);
});
