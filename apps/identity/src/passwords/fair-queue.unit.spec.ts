import { FairQueue } from './fair-queue.js';

const busy = () => new Error('busy');
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when told to. Each line of `started` is a source, in the order in which its work began. */
function given(limits: { atOnce: number; mostWaiting: number; mostWaitingOfOne: number }) {
  const queue = new FairQueue(limits, busy);
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const take = (source: string) => {
    const taken = queue.run(source, () => {
      started.push(source);
      return new Promise<string>((resolve) => ends.push(() => resolve(source)));
    });
    taken.catch(() => undefined);
    return taken;
  };
  /** Ends one after the other until all are done. */
  const finish = async () => {
    for (let end = ends.shift(); end; end = ends.shift()) {
      end();
      await tick();
    }
  };
  return { take, started, finish };
}

describe('work in turn', () => {
  it('is taken up at once as long as there is a place, and as many at once as there are', async () => {
    const { take, started, finish } = given({ atOnce: 2, mostWaiting: 10, mostWaitingOfOne: 10 });
    const all = ['a', 'a', 'a', 'b'].map(take);
    expect(started).toEqual(['a', 'a']);
    await finish();
    expect(await Promise.all(all)).toEqual(['a', 'a', 'a', 'b']);
    void take('c');
    expect(started.at(-1)).toBe('c');
    await finish();
  });

  it('goes round the sources: who comes last with little does not wait for who sent much', async () => {
    const { take, started, finish } = given({ atOnce: 1, mostWaiting: 100, mostWaitingOfOne: 100 });
    for (let i = 0; i < 50; i++) void take('flood');
    for (const source of ['b', 'b', 'c']) void take(source);
    await finish();
    expect(started.slice(0, 6)).toEqual(['flood', 'flood', 'b', 'c', 'flood', 'b']);
    expect(started).toHaveLength(53);
  });

  it('of one source waits only so often', async () => {
    const { take, started, finish } = given({ atOnce: 1, mostWaiting: 100, mostWaitingOfOne: 3 });
    const all = Array.from({ length: 6 }, () => take('flood'));
    await expect(all[4]).rejects.toThrow('busy');
    await expect(all[5]).rejects.toThrow('busy');
    void take('b');
    await finish();
    expect(started).toEqual(['flood', 'flood', 'b', 'flood', 'flood']);
  });

  it('that three sources fill up still takes who comes from elsewhere: the last of the longest gives way', async () => {
    const { take, started, finish } = given({ atOnce: 1, mostWaiting: 9, mostWaitingOfOne: 4 });
    void take('first');
    const floods = ['x', 'y', 'z'].flatMap((source) => Array.from({ length: 4 }, () => take(source)));
    const outcomes = Promise.allSettled(floods);
    const other = take('other');
    await finish();
    expect(await other).toBe('other');
    expect(started.slice(0, 5)).toEqual(['first', 'x', 'y', 'z', 'other']);
    const refused = (await outcomes).filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(4);
  });

  it('is refused when all have equally much', async () => {
    const { take, finish } = given({ atOnce: 1, mostWaiting: 2, mostWaitingOfOne: 4 });
    for (const source of ['first', 'a', 'b']) void take(source);
    await expect(take('c')).rejects.toThrow('busy');
    await finish();
  });

  it('that fails leaves its place to the next', async () => {
    const queue = new FairQueue({ atOnce: 1, mostWaiting: 2, mostWaitingOfOne: 2 }, busy);
    const failing = queue.run('a', () => Promise.reject(new Error('failed')));
    const next = queue.run('a', async () => 'done');
    await expect(failing).rejects.toThrow('failed');
    expect(await next).toBe('done');
  });
});
