import fc from 'fast-check';
import type { Arrival } from '../trail/arrival.js';
import { type Delivery, takeByTime } from './by-time.js';

const arrival = (time: number, id = ''): Arrival => ({ id, time }) as Arrival;
const delivery = (...times: number[]): Delivery => ({ arrivals: times.map((time) => arrival(time)), next: 0 });
const times = (arrivals: readonly Arrival[]) => arrivals.map(({ time }) => time);

describe('taking by time', () => {
  it('takes one delivery whole', () => {
    expect(times(takeByTime([delivery(1, 2, 3)]))).toEqual([1, 2, 3]);
  });

  it('leaves what is newer than the end of another, but for half a second', () => {
    const short = delivery(1_000, 2_000);
    const long = delivery(1_500, 2_400, 2_600, 9_000);
    expect(times(takeByTime([short, long]))).toEqual([1_000, 1_500, 2_000, 2_400]);
    expect(times(takeByTime([long]))).toEqual([2_600, 9_000]);
  });

  it('keeps the order of a delivery whatever its times say', () => {
    expect(times(takeByTime([delivery(5, 1, 7), delivery(3, 6)]))).toEqual([3, 5, 1, 6, 7]);
  });

  it('takes one whole also when its last is not its newest', () => {
    expect(times(takeByTime([delivery(5_000, 1_000), delivery(9_000)]))).toEqual([5_000, 1_000]);
  });

  it('holds up nothing for an event that has no time', () => {
    const other = delivery(10_000);
    expect(times(takeByTime([delivery(1_000, NaN), other]))).toEqual([1_000, NaN]);
    expect(times(takeByTime([other]))).toEqual([10_000]);
  });

  it('ends: each call takes a delivery whole, and in the end everything is taken once, in order', () => {
    const sorted = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 20 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.array(sorted, { minLength: 1, maxLength: 4 }), (lists) => {
        let open = lists.map((list, source) => ({ arrivals: list.map((time) => arrival(time, `${source}`)), next: 0 }));
        const taken: Arrival[] = [];
        while (open.length > 0) {
          taken.push(...takeByTime(open));
          const before = open.length;
          open = open.filter(({ arrivals, next }) => next < arrivals.length);
          expect(open.length).toBeLessThan(before);
        }
        let latest = 0;
        for (const { time } of taken) {
          expect(time).toBeGreaterThanOrEqual(latest - 500);
          latest = Math.max(latest, time);
        }
        for (const [source, list] of lists.entries()) {
          expect(times(taken.filter(({ id }) => id === `${source}`))).toEqual(list);
        }
      }),
    );
  });
});
