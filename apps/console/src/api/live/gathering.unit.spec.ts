import { jest } from '@jest/globals';
import { type Gathering, gathering } from './gathering.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

let done: { at: number; items: readonly number[] }[];
let start: number;
const began = () => {
  done = [];
  start = Date.now();
};
const noting = (ms = 0): Gathering<number> => {
  began();
  return gathering(async (items) => {
    done.push({ at: Date.now() - start, items });
    await new Promise((resolve) => setTimeout(resolve, ms));
  });
};
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('gathering', () => {
  it('does what one item asks for at once', async () => {
    noting().add(1);
    await pass(60);
    expect(done).toEqual([{ at: 50, items: [1] }]);
  });

  it('takes a burst for one, and loses nothing that comes while it is done', async () => {
    const gathered = noting(500);
    gathered.add(1);
    gathered.add(2);
    await pass(100);
    gathered.add(3);
    await pass(2_000);
    expect(done).toEqual([
      { at: 50, items: [1, 2] },
      { at: 1_550, items: [3] },
    ]);
  });

  it('does it less and less often while items keep coming, and at once again after a quiet while', async () => {
    const gathered = noting(10);
    for (let i = 0; i < 150; i += 1) {
      gathered.add(i);
      await pass(100);
    }
    expect(done.map(({ at }) => at)).toEqual([50, 1_060, 3_070, 7_080]);
    await pass(20_000);
    expect(done.flatMap(({ items }) => items)).toEqual(Array.from({ length: 150 }, (_, i) => i));
    expect(done).toHaveLength(5);
    gathered.add(150);
    await pass(60);
    expect(done).toHaveLength(6);
  });

  it('goes on after a failure, and ends when it is told', async () => {
    let times = 0;
    const gathered = gathering<number>(async () => {
      times += 1;
      throw new Error('away');
    });
    gathered.add(1);
    await pass(2_000);
    gathered.add(2);
    await pass(2_000);
    expect(times).toBe(2);
    gathered.add(3);
    gathered.stop();
    gathered.add(4);
    await pass(20_000);
    expect(times).toBe(2);
  });
});
