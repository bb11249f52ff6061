import fc from 'fast-check';
import { type Admission, defaultLimits, type PasswordAttempt, Throttle } from './throttle.js';

const MINUTE = 60_000;
const from = (address: string, name = 'alice'): PasswordAttempt => ({ address, portal: 'demo', name });
const alice = from('198.51.100.1');

/** Makes so many checks, one after the other, all wrong. */
function failed(throttle: Throttle, attempt: PasswordAttempt, times: number, now = 0): void {
  for (let i = 0; i < times; i++) {
    expect(throttle.admit(attempt, now).verdict).toBe('admitted');
    throttle.settle(attempt, 'wrong', now);
  }
}

describe('one address and one account', () => {
  test('R15 five wrong passwords in 15 minutes, then the address waits until the first is 15 minutes old', () => {
    const throttle = new Throttle();
    failed(throttle, alice, 1, 0);
    failed(throttle, alice, 4, MINUTE);
    expect(throttle.admit(alice, 2 * MINUTE)).toEqual({
      verdict: 'refused',
      reason: 'account',
      retryAfterMs: 13 * MINUTE,
    });
    expect(throttle.admit(alice, 15 * MINUTE - 1).verdict).toBe('refused');
    failed(throttle, alice, 1, 15 * MINUTE);
    expect(throttle.admit(alice, 15 * MINUTE).verdict).toBe('refused');
  });

  test.each([1, 5, 200])('R15 the limit may be any: %i', (limit) => {
    const throttle = new Throttle({ ...defaultLimits, perAccount: limit, perAddress: 2 * limit });
    failed(throttle, alice, limit);
    expect(throttle.admit(alice, 0)).toMatchObject({ verdict: 'refused', reason: 'account' });
    failed(throttle, from(alice.address, 'bob'), limit);
    expect(throttle.admit(from(alice.address, 'carol'), 0)).toMatchObject({ verdict: 'refused', reason: 'address' });
  });

  test('R15 another address, another account and another portal go on', () => {
    const throttle = new Throttle();
    failed(throttle, alice, 5);
    expect(throttle.admit(from('198.51.100.2'), 0).verdict).toBe('admitted');
    expect(throttle.admit(from(alice.address, 'bob'), 0)).toEqual({ verdict: 'admitted', delayMs: 0 });
    expect(throttle.admit({ ...alice, portal: 'other' }, 0)).toEqual({ verdict: 'admitted', delayMs: 0 });
  });

  test('R15 right passwords count nothing', () => {
    const throttle = new Throttle();
    for (let i = 0; i < 50; i++) {
      expect(throttle.admit(alice, 0)).toEqual({ verdict: 'admitted', delayMs: 0 });
      throttle.settle(alice, i % 2 === 0 ? 'right' : 'unknown', 0);
    }
  });

  test('R15 guesses at the same moment get no more than five', () => {
    const throttle = new Throttle();
    const verdicts = Array.from({ length: 8 }, () => throttle.admit(alice, 0).verdict);
    expect(verdicts).toEqual([...Array<string>(5).fill('admitted'), 'wait', 'wait', 'wait']);
    throttle.settle(alice, 'right', 0);
    expect(throttle.admit(alice, 0).verdict).toBe('admitted');
    for (let i = 0; i < 5; i++) throttle.settle(alice, 'wrong', 0);
    expect(throttle.admit(alice, 0).verdict).toBe('refused');
  });
});

test('R15 a hundred wrong passwords from one address, for whichever accounts, and it waits', () => {
  const throttle = new Throttle();
  for (let i = 0; i < 100; i++) failed(throttle, from(alice.address, `user-${i}`), 1);
  expect(throttle.admit(from(alice.address, 'somebody-else'), 5 * MINUTE)).toEqual({
    verdict: 'refused',
    reason: 'address',
    retryAfterMs: 10 * MINUTE,
  });
  expect(throttle.admit(from('198.51.100.2', 'user-1'), 0).verdict).toBe('admitted');
});

test('R15 across addresses an account is checked later and later, up to two seconds, and never refused', () => {
  const throttle = new Throttle();
  const delays = Array.from({ length: 300 }, (_, i) => {
    const attempt = from(`2001:db8::${i.toString(16)}`);
    const admission = throttle.admit(attempt, 0);
    throttle.settle(attempt, 'wrong', 0);
    return admission.verdict === 'admitted' ? admission.delayMs : NaN;
  });
  expect(delays.slice(0, 11)).toEqual([0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 2000]);
  expect(delays.slice(11)).toEqual(Array(289).fill(2000));
  expect(throttle.admit(from('198.51.100.9'), 15 * MINUTE)).toEqual({ verdict: 'admitted', delayMs: 0 });
});

test('what is remembered has a bound', () => {
  const throttle = new Throttle({ ...defaultLimits, perAddress: 2, mostKeys: 3 });
  failed(throttle, from('a'), 2);
  for (const address of ['b', 'c', 'd']) failed(throttle, from(address), 1);
  expect(throttle.admit(from('d'), 0).verdict).toBe('admitted');
  expect(throttle.admit(from('a'), 0).verdict).toBe('admitted');
});

test('R15 failures from before the clock was set back are dropped: nobody waits longer than the window', () => {
  const throttle = new Throttle();
  const later = 30 * 24 * 60 * MINUTE;
  failed(throttle, alice, 5, later);
  expect(throttle.admit(alice, later).verdict).toBe('refused');
  failed(throttle, alice, 5, 0);
  expect(throttle.admit(alice, MINUTE)).toEqual({ verdict: 'refused', reason: 'account', retryAfterMs: 14 * MINUTE });
  // the one that was failing while the clock went back
  throttle.settle(from('198.51.100.2'), 'wrong', MINUTE);
  expect(throttle.admit(alice, 15 * MINUTE).verdict).toBe('admitted');
});

type Admit = { readonly kind: 'admit'; readonly attempt: PasswordAttempt };
type Settle = { readonly kind: 'settle'; readonly which: number; readonly outcome: 'right' | 'wrong' | 'unknown' };
type Tick = { readonly kind: 'clock'; readonly minutes: number };
type Move = Admit | Settle | Tick;

describe('a model that remembers every check', () => {
  const limits = { ...defaultLimits, perAccount: 2, perAddress: 4, delayFrom: 2 };
  const attempts = fc.record<PasswordAttempt>({
    address: fc.constantFrom('a', 'b'),
    portal: fc.constant('demo'),
    name: fc.constantFrom('x', 'y', 'z'),
  });
  const moves: fc.Arbitrary<Move> = fc.oneof(
    { weight: 6, arbitrary: fc.record<Admit>({ kind: fc.constant('admit'), attempt: attempts }) },
    {
      weight: 5,
      arbitrary: fc.record<Settle>({
        kind: fc.constant('settle'),
        which: fc.nat(),
        outcome: fc.constantFrom('right', 'wrong', 'wrong', 'wrong', 'unknown'),
      }),
    },
    { weight: 1, arbitrary: fc.record<Tick>({ kind: fc.constant('clock'), minutes: fc.integer({ min: 0, max: 16 }) }) },
  );

  test('agrees on every admission', () => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 120 }), (sequence) => {
        const throttle = new Throttle(limits);
        const wrong: { attempt: PasswordAttempt; at: number }[] = [];
        const underWay: PasswordAttempt[] = [];
        let now = 0;
        const recent = (same: (attempt: PasswordAttempt) => boolean) =>
          wrong.filter(({ attempt, at }) => same(attempt) && now - at < limits.windowMs);

        const expected = (asked: PasswordAttempt): Partial<Admission> => {
          const ofAddress = (one: PasswordAttempt) => one.address === asked.address;
          const ofPair = (one: PasswordAttempt) => ofAddress(one) && one.name === asked.name;
          const kinds = [
            { reason: 'address', same: ofAddress, limit: limits.perAddress },
            { reason: 'account', same: ofPair, limit: limits.perAccount },
          ] as const;
          for (const { reason, same, limit } of kinds) {
            const failures = recent(same);
            const oldest = failures[failures.length - limit];
            if (oldest) return { verdict: 'refused', reason, retryAfterMs: oldest.at + limits.windowMs - now };
          }
          const full = kinds.some(({ same, limit }) => recent(same).length + underWay.filter(same).length >= limit);
          if (full) return { verdict: 'wait' };
          const failures = recent((one) => one.name === asked.name).length;
          const delayMs = failures < 2 ? 0 : Math.min(100 * 2 ** (failures - 2), 2000);
          return { verdict: 'admitted', delayMs };
        };

        for (const move of sequence) {
          if (move.kind === 'clock') now += move.minutes * MINUTE;
          if (move.kind === 'admit') {
            const admission = throttle.admit(move.attempt, now);
            expect(admission).toEqual(expected(move.attempt));
            if (admission.verdict === 'admitted') underWay.push(move.attempt);
          }
          if (move.kind === 'settle' && underWay.length > 0) {
            const [attempt] = underWay.splice(move.which % underWay.length, 1) as [PasswordAttempt];
            throttle.settle(attempt, move.outcome, now);
            if (move.outcome === 'wrong') wrong.push({ attempt, at: now });
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
