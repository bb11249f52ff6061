import { NotProved } from '../../api/problem.js';
import { oneByOne } from './one-by-one.js';

const numbers = Array.from({ length: 10 }, (_, i) => i);
const running = { isStopped: () => false, onTried: () => {} };
const later = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('what is done for several', () => {
  it('is done for each once, the first alone and then four at a time', async () => {
    let underWay = 0;
    const seen: [item: number, beside: number][] = [];
    const act = async (item: number) => {
      underWay += 1;
      seen.push([item, underWay]);
      await later();
      underWay -= 1;
    };
    expect(await oneByOne(numbers, { ...running, act })).toEqual({ done: 10, failed: [], left: [] });
    expect(seen.map(([item]) => item).sort()).toEqual(numbers);
    expect(seen.slice(0, 2)).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(Math.max(...seen.map(([, beside]) => beside))).toBe(4);
  });

  it('goes on after a refusal, and tells which and why in the order of the list', async () => {
    const tried: number[] = [];
    const act = async (item: number) => {
      // those that are refused come back in another order
      await new Promise((resolve) => setTimeout(resolve, 10 - item));
      if (item % 3 === 0) throw new Error(`no ${item}`);
    };
    const outcome = await oneByOne(numbers, { ...running, act, onTried: (count) => tried.push(count) });
    expect(outcome).toMatchObject({ done: 6, left: [] });
    expect(outcome.failed.map(({ item, error }) => [item, (error as Error).message])).toEqual(
      [0, 3, 6, 9].map((item) => [item, `no ${item}`]),
    );
    expect(tried).toEqual(numbers.map((i) => i + 1));
  });

  it('is done for nobody where the proof is not given, and for nobody more once it is not', async () => {
    const refuses = async (from: number) => {
      const asked: number[] = [];
      const act = async (item: number) => {
        asked.push(item);
        await later();
        if (item >= from) throw new NotProved('not proved');
      };
      return { asked, outcome: await oneByOne(numbers, { ...running, act }) };
    };
    expect(await refuses(0)).toEqual({ asked: [0], outcome: { done: 0, failed: [], left: numbers } });
    const { asked, outcome } = await refuses(3);
    expect(outcome).toEqual({ done: 3, failed: [], left: [3, 4, 5, 6, 7, 8, 9] });
    expect(asked.length).toBeLessThan(8);
  });

  it('ends with what is under way when it is stopped', async () => {
    let count = 0;
    const course = { act: later, isStopped: () => count >= 3, onTried: (tried: number) => void (count = tried) };
    const { done, failed, left } = await oneByOne(numbers, course);
    expect(done).toBeGreaterThanOrEqual(3);
    expect([done + left.length, failed, left.length > 0]).toEqual([10, [], true]);
  });
});
