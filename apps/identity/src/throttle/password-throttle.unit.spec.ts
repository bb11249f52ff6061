import { Problem } from '#libs/contracts/src/problems.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { PasswordThrottle } from './password-throttle.js';

const attempt = { address: '198.51.100.1', portal: 'demo', name: 'alice' };
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Checks that end when told to. */
function gates() {
  const open: ((right: boolean) => void)[] = [];
  const look = () => new Promise<{ right: boolean }>((resolve) => open.push((right) => resolve({ right })));
  return { open, look };
}

describe('checks at the same moment', () => {
  test('R15 of 50 wrong guesses five are looked at, the rest are refused unread', async () => {
    const throttle = new PasswordThrottle(() => 0, new Metrics());
    let looked = 0;
    const guesses = Array.from({ length: 50 }, () =>
      throttle.check(attempt, async () => {
        looked++;
        await tick();
        return { right: false };
      }),
    );
    const ends = await Promise.allSettled(guesses);
    expect(looked).toBe(5);
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    expect(refused).toHaveLength(45);
    for (const problem of refused)
      expect(problem).toMatchObject({ code: 'too-many-attempts', extras: { retryAfter: 900 } });
  });

  test('R15 the addresses of an IPv6 /64 are one', async () => {
    const throttle = new PasswordThrottle(() => 0, new Metrics());
    const guess = (address: string) => throttle.check({ ...attempt, address }, async () => ({ right: false }));
    for (let n = 0; n < 5; n++) await guess(`2001:db8:1:2:${n}::1`);
    await expect(guess('2001:db8:1:2:ffff::9')).rejects.toMatchObject({ code: 'too-many-attempts' });
    await expect(guess('2001:db8:1:3::1')).resolves.toEqual({ right: false });
  });

  test('R15 50 right ones all pass, five at a time and in order', async () => {
    const throttle = new PasswordThrottle(() => 0, new Metrics());
    let underWay = 0;
    const order: number[] = [];
    const checks = Array.from({ length: 50 }, (_, i) =>
      throttle.check(attempt, async () => {
        expect(++underWay).toBeLessThanOrEqual(5);
        order.push(i);
        await tick();
        underWay--;
        return { right: true };
      }),
    );
    const ends = await Promise.all(checks);
    expect(ends.every(({ right }) => right)).toBe(true);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('one that waits is decided when a check of its address ends', async () => {
    const throttle = new PasswordThrottle(() => 0, new Metrics());
    const { open, look } = gates();
    const checks = Array.from({ length: 6 }, () => throttle.check(attempt, look));
    await tick();
    expect(open).toHaveLength(5);
    open[0]!(true);
    await tick();
    expect(open).toHaveLength(6);
    for (const end of open.slice(1)) end(false);
    const ends = await Promise.all(checks);
    expect(ends.map(({ right }) => right)).toEqual([true, false, false, false, false, false]);
  });
});

test('a check that fails counts as a wrong password, and is thrown on', async () => {
  const throttle = new PasswordThrottle(() => 0, new Metrics());
  for (let i = 0; i < 5; i++) {
    await expect(throttle.check(attempt, () => Promise.reject(new TypeError('bad key')))).rejects.toThrow('bad key');
  }
  await expect(throttle.check(attempt, async () => ({ right: true }))).rejects.toMatchObject({
    code: 'too-many-attempts',
  });
});

test.each([new StoreUnavailable('away'), new Problem('unavailable')])(
  'a check that could not be made for an outage (%s) counts nothing and is thrown on',
  async (outage) => {
    const throttle = new PasswordThrottle(() => 0, new Metrics());
    for (let i = 0; i < 20; i++) {
      await expect(throttle.check(attempt, () => Promise.reject(outage))).rejects.toBe(outage);
    }
    await expect(throttle.check(attempt, async () => ({ right: true }))).resolves.toEqual({ right: true });
  },
);
