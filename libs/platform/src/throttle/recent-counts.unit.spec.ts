import { RecentCounts } from './recent-counts.js';

const MINUTE = 60_000;

it('counts what is within the window, and says when there is room again', () => {
  const counts = new RecentCounts(MINUTE, 10, 3);
  for (const at of [0, 10_000, 20_000]) counts.add('one', at);
  expect([counts.recent('one', 20_000), counts.recent('other', 20_000)]).toEqual([3, 0]);
  expect(counts.untilBelow('one', 3, 20_000)).toBe(40_000);
  expect([counts.untilBelow('one', 4, 20_000), counts.untilBelow('one', 3, MINUTE)]).toEqual([0, 0]);
  expect(counts.recent('one', MINUTE + 10_000)).toBe(1);
  counts.begin('one');
  expect(counts.possible('one', MINUTE + 10_000)).toBe(2);
});

it('what never ends keeps nothing else from being forgotten', () => {
  const counts = new RecentCounts(15 * MINUTE, 3, 5);
  counts.add('busy', 0);
  counts.begin('busy');
  for (let i = 0; i < 50; i++) counts.add(`other ${i}`, i);
  expect(counts.size).toBe(3);
  expect([counts.recent('busy', 50), counts.recent('other 49', 50), counts.recent('other 47', 50)]).toEqual([1, 1, 0]);
  counts.add('last', 16 * MINUTE);
  counts.end('busy');
  counts.add('after', 16 * MINUTE);
  expect(counts.size).toBe(2);
});
