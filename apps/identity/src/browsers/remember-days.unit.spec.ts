import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { RememberDays } from './remember-days.js';

const DAY = 86_400_000;
const start = Date.UTC(2026, 10, 24);
const day = (number: number) => start + number * DAY;

/** The days that an administrator sets, each on a day. */
async function set(...changes: readonly (readonly [on: number, days: number])[]): Promise<RememberDays> {
  const days = new RememberDays(new MemoryEngine());
  for (const [at, [on, value]] of changes.entries()) await days.adopt('demo', at + 1, value, day(on));
  return days;
}
const isGood = async (days: RememberDays, rememberedOn: number, now: number) =>
  (await days.endOf('demo', day(rememberedOn), day(now))) !== null;

describe('the days for which browsers are remembered', () => {
  it('are none where nobody has set any', async () => {
    expect(await isGood(await set(), 0, 0)).toBe(false);
  });

  it('count from the code', async () => {
    const days = await set([-1, 30]);
    expect([await isGood(days, 0, 29), await isGood(days, 0, 30)]).toEqual([true, false]);
  });

  it('that are fewer end browsers at once', async () => {
    const days = await set([-1, 30], [10, 5]);
    expect([await isGood(days, 4, 10), await isGood(days, 6, 10)]).toEqual([false, true]);
  });

  it.each([
    [
      'what had ended by itself',
      [
        [-1, 30],
        [40, 90],
      ],
      0,
      41,
    ],
    [
      'what fewer had ended',
      [
        [-1, 30],
        [10, 5],
        [11, 90],
      ],
      4,
      11,
    ],
    [
      'what ended while there were fewer',
      [
        [-1, 30],
        [1, 7],
        [20, 90],
      ],
      2,
      21,
    ],
    [
      'what none had ended',
      [
        [-1, 30],
        [2, 0],
        [3, 30],
      ],
      1,
      4,
    ],
  ] as const)('that are more do not bring back %s', async (_, changes, rememberedOn, now) => {
    expect(await isGood(await set(...changes), rememberedOn, now)).toBe(false);
  });

  it('that are more go on with what there is', async () => {
    expect(await isGood(await set([-1, 7], [5, 90]), 2, 50)).toBe(true);
  });

  it('of an older event change nothing', async () => {
    const days = await set([-1, 30], [0, 60]);
    await days.adopt('demo', 1, 0, day(1));
    expect(await days.of('demo')).toBe(60);
  });
});
