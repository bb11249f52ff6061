import { setTimeout as after } from 'node:timers/promises';
import { StoreDamaged, StoreUnavailable } from '../../port.js';
import { InFlightWrites } from './in-flight-writes.js';

/** As the driver rejects: a general error, the real one in a promise on it. */
function failing(code: number): Promise<boolean> {
  const real = Promise.reject(Object.assign(new Error('driver'), { code }));
  real.catch(() => undefined);
  return Promise.reject(Object.assign(new Error('Commit failed'), { commitError: real }));
}

describe('writes', () => {
  let writes: InFlightWrites;
  const given = (stalledAfterMs?: number): InFlightWrites => (writes = new InFlightWrites('data.mdb', stalledAfterMs));
  afterEach(() => writes.stop());

  it('answer what the driver says of the condition', async () => {
    given();
    expect(await writes.run(async () => true)).toBe(true);
    expect(await writes.run(async () => false)).toBe(false);
    expect(writes.lastFailure).toBeUndefined();
  });

  it('go on after a map that was full', async () => {
    given();
    const failed = writes.run(() => failing(-30792));
    await expect(failed).rejects.toThrow(StoreUnavailable);
    await expect(failed).rejects.toThrow('data.mdb: the map is full');
    expect(writes.lastFailure).toBeInstanceOf(StoreUnavailable);
    expect(await writes.run(async () => true)).toBe(true);
    expect(writes.lastFailure).toBeUndefined();
  });

  it.each([5, 27, 28])('end with any other failure (%d): what is on the disk is not known', async (code) => {
    given();
    await expect(writes.run(() => failing(code))).rejects.toThrow(StoreUnavailable);
    await expect(writes.run(async () => true)).rejects.toThrow('restart to write again');
    expect(writes.lastFailure).toBeInstanceOf(StoreUnavailable);
  });

  it('end with damage, and say so again', async () => {
    given();
    await expect(writes.run(() => failing(-30796))).rejects.toThrow(StoreDamaged);
    await expect(writes.run(async () => true)).rejects.toThrow(StoreDamaged);
  });

  it('never let an error of the driver through, also one that it throws at once', async () => {
    given();
    const thrown = writes.run(() => {
      throw new RangeError('driver');
    });
    await expect(thrown).rejects.toThrow(StoreUnavailable);
  });

  it('that the driver never answers are answered as unknown; others are refused at once until it answers', async () => {
    given(20);
    let answer: (held: boolean) => void = () => undefined;
    const silent = writes.run(() => new Promise((resolve) => (answer = resolve)));
    await expect(silent).rejects.toThrow('data.mdb: the disk does not answer');
    expect(writes.stalled).toBe(true);
    await expect(writes.run(async () => true)).rejects.toThrow(StoreUnavailable);
    answer(true);
    await after(0);
    expect(writes.stalled).toBe(false);
    expect(await writes.run(async () => true)).toBe(true);
  });

  it('are refused once they are stopped', async () => {
    given().stop();
    await expect(writes.run(async () => true)).rejects.toThrow('data.mdb is closed');
  });
});
