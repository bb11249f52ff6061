import fc from 'fast-check';
import { OrderedWork } from './ordered-work.js';

interface Held {
  readonly key: string;
  readonly position: number;
  readonly end: () => void;
  readonly giveUp: () => void;
}

function bench(concurrency: number) {
  const running: Held[] = [];
  const started: { key: string; position: number }[] = [];
  const advances: number[] = [];
  const work = new OrderedWork(concurrency, (position) => advances.push(position));
  const push = (position: number, key: string) =>
    work.push(position, key, () => {
      started.push({ key, position });
      return new Promise<void>((resolve, reject) => {
        running.push({ key, position, end: resolve, giveUp: () => reject(new Error('stopped')) });
      });
    });
  return { work, push, running, started, advances };
}

/** Lets all that is ready to go on do so. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('ordered work', () => {
  it('runs one of a key at a time and different keys side by side, no more than allowed', async () => {
    const { push, running } = bench(2);
    push(1, 'a');
    push(2, 'a');
    push(3, 'b');
    push(4, 'c');
    await settle();
    expect(running.map(({ position }) => position)).toEqual([1, 3]);

    running[0]?.end();
    await settle();
    expect(running.map(({ position }) => position)).toEqual([1, 3, 4]);
  });

  it('is done up to a position only when all before it is done', async () => {
    const { work, push, running, advances } = bench(8);
    work.skip(5);
    push(6, 'a');
    push(7, 'b');
    work.skip(9);
    await settle();
    expect(work.position).toBe(5);

    running[1]?.end();
    await settle();
    expect(work.position).toBe(5);
    expect(work.open).toBe(2);

    running[0]?.end();
    await settle();
    expect(work.position).toBe(9);
    expect(advances).toEqual([9]);
    work.skip(12);
    expect(work.position).toBe(12);
  });

  it('never passes what was given up, nor starts what is behind it in its key', async () => {
    const { work, push, running, started } = bench(8);
    push(1, 'a');
    push(2, 'b');
    push(3, 'b');
    push(4, 'c');
    await settle();
    running[1]?.giveUp();
    running[0]?.end();
    running[2]?.end();
    await settle();

    expect(work.position).toBe(1);
    expect(started.map(({ position }) => position)).toEqual([1, 2, 4]);
  });

  it('makes room when work is done, and when it is stopped', async () => {
    const { work, push, running } = bench(8);
    push(1, 'a');
    push(2, 'b');
    let room = false;
    void work.room(2).then(() => (room = true));
    await settle();
    expect(room).toBe(false);
    running[1]?.end();
    await settle();
    expect(room).toBe(false); // open until what is before it is done
    running[0]?.end();
    await settle();
    expect(room).toBe(true);

    push(3, 'a');
    let stopped = false;
    void work.stop().then(() => (stopped = true));
    await work.room(1);
    expect(stopped).toBe(false);
    running[2]?.end();
    await settle();
    expect(stopped).toBe(true);
  });

  it('keeps the order of each key and leaves no gap, in whatever order work ends', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), key: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ kind: fc.constant('skip' as const) }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, concurrency) => {
          const { work, push, running, started, advances } = bench(concurrency);
          const open = new Set<number>();
          let position = 0;
          const end = async (which: number) => {
            const [held] = running.splice(which % Math.max(1, running.length), 1);
            held?.end();
            await settle();
            if (held) open.delete(held.position);
          };
          const check = () => {
            expect(work.position).toBe(open.size === 0 ? position : Math.min(...open) - 1);
            expect(running.length).toBeLessThanOrEqual(concurrency);
            expect(new Set(running.map(({ key }) => key)).size).toBe(running.length);
          };
          for (const one of steps) {
            if (one.kind === 'end') await end(one.which);
            else {
              position += 1;
              if (one.kind === 'skip') work.skip(position);
              else {
                open.add(position);
                push(position, one.key);
              }
              await settle();
            }
            check();
          }
          while (running.length > 0) await end(0);
          check();
          expect(advances).toEqual(advances.toSorted((a, b) => a - b));
          for (const key of ['a', 'b', 'c', 'd']) {
            const positions = started.filter((one) => one.key === key).map((one) => one.position);
            expect(positions).toEqual(positions.toSorted((a, b) => a - b));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
