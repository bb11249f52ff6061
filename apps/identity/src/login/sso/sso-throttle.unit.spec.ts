import { MOST_OF_ADDRESS, MOST_REDEEMED, SsoThrottle } from './sso-throttle.js';

let now = 0;
let throttle: SsoThrottle;
beforeEach(() => {
  now = Date.UTC(2026, 10, 29);
  throttle = new SsoThrottle(() => now);
});

describe('logins by a provider', () => {
  it('are limited by address, each step for itself, and go on after a minute', () => {
    for (let i = 0; i < MOST_OF_ADDRESS; i += 1) throttle.admit('start', `2001:db8:1:2::${i}`);
    now += 20_000;
    const refusal = expect.objectContaining({ code: 'too-many-attempts', extras: { retryAfter: 40 } });
    // more do not make it longer
    for (let i = 0; i < 3; i += 1) expect(() => throttle.admit('start', '2001:db8:1:2:ffff::1')).toThrow(refusal);
    throttle.admit('start', '2001:db8:1:3::1');
    throttle.admit('complete', '2001:db8:1:2::1');
    now += 40_000;
    throttle.admit('start', '2001:db8:1:2::1');
  });

  it('are redeemed so many at a time for each portal, and again when one has ended, however it ends', async () => {
    const ends: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
    const waiting = () => new Promise<string>((resolve, reject) => ends.push({ resolve, reject }));
    const all = Array.from({ length: MOST_REDEEMED }, () => throttle.redeeming('busy', waiting));
    const one = () => throttle.redeeming('busy', async () => 'redeemed');
    const refusal = { code: 'unavailable', extras: { retryAfter: 1 } };
    await expect(one()).rejects.toMatchObject(refusal);
    await expect(throttle.redeeming('other', async () => 'redeemed')).resolves.toBe('redeemed');
    ends[0]!.reject(new Error('away'));
    await expect(all[0]).rejects.toThrow('away');
    await expect(one()).resolves.toBe('redeemed');
    ends[1]!.resolve('done');
    await expect(all[1]).resolves.toBe('done');
    await expect(Promise.all([one(), one()])).resolves.toEqual(['redeemed', 'redeemed']);
    await expect(Promise.all([one(), one(), one()])).rejects.toMatchObject(refusal);
  });
});
