import fc from 'fast-check';
import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import type { Sealed } from '#libs/event-store/src/decision.js';
import { aPolicy } from '../testing/policies.js';
import { enabledWith } from '../testing/states.js';
import { decide } from './decide.js';
import { isLockOver, MOST_FAILURES } from './locks.js';
import { evolve, type SecondFactor } from './state.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const start = Date.UTC(2026, 0, 1);
const evidence = { kind: 'totp', matches: [] } as const;

/** One account, in whose name somebody guesses. */
class Guessed {
  state: SecondFactor = enabledWith();
  now = start;
  policy = aPolicy({ lockMinutes: 15 });

  play(command: Parameters<typeof decide>[0]) {
    const { events, answer } = decide(command, this.state, this.now);
    for (const event of events as TwoFactorEvent[])
      this.state = evolve(this.state, event as Sealed<TwoFactorEvent>, this.now);
    return { events: events as TwoFactorEvent[], answer };
  }

  guess() {
    return this.play({ type: 'Verify', policy: this.policy, attempt: { purpose: 'proof' }, evidence });
  }

  /** Guesses until it is locked; how often. */
  guessUntilLocked(): number {
    for (let guesses = 1; ; guesses += 1) {
      this.guess();
      if (this.state.lockedAt !== null) return guesses;
    }
  }

  /** Waits until the lock ends by itself. */
  waitOut() {
    this.now = this.state.lockEndsAt!;
    return this.play({ type: 'EndLock' });
  }

  get minutes(): number | null {
    return this.state.lockEndsAt === null ? null : (this.state.lockEndsAt - this.now) / MINUTE;
  }
}

describe('a lock that ends by itself', () => {
  it('is gone when the account is deleted: nothing waits for its end', () => {
    const account = new Guessed();
    account.guessUntilLocked();
    account.play({ type: 'Erase' });
    account.now += DAY;
    expect(isLockOver(account.state, account.now)).toBe(false);
    expect(account.guess()).toEqual({ events: [], answer: { refused: 'challenge-ended' } });
  });

  it('has its end fixed when it begins, and tells it', () => {
    const account = new Guessed();
    for (let i = 0; i < 4; i += 1) account.guess();
    const { events, answer } = account.guess();
    const endsAt = new Date(start + 15 * MINUTE).toISOString();
    expect(events.at(-1)).toMatchObject({ type: 'AccountLocked', data: { lockMinutes: 15, endsAt } });
    expect(answer).toEqual({ refused: 'account-locked', lockEndsAt: endsAt, retryAfter: 900 });
    account.policy = aPolicy({ lockMinutes: 1 });
    account.now += 14 * MINUTE;
    expect(account.guess()).toEqual({
      events: [],
      answer: { refused: 'account-locked', lockEndsAt: endsAt, retryAfter: 60 },
    });
  });

  it('is over at its end, not before, and its end is recorded once', () => {
    const account = new Guessed();
    account.guessUntilLocked();
    account.now = account.state.lockEndsAt! - 1;
    expect(isLockOver(account.state, account.now)).toBe(false);
    expect(account.play({ type: 'EndLock' }).events).toEqual([]);
    expect(account.waitOut().events).toEqual([{ type: 'UserUnlocked', data: { reason: 'lock-ended' } }]);
    expect(account.waitOut().events).toEqual([]);
  });

  it('ends challenges as any lock does, and none of them lives again', () => {
    const account = new Guessed();
    const { epoch } = account.state;
    account.guessUntilLocked();
    account.waitOut();
    expect(account.state.epoch).toBe(epoch + 2);
  });

  it('comes again after as many failures, though the count goes on', () => {
    const account = new Guessed();
    expect(account.guessUntilLocked()).toBe(5);
    account.waitOut();
    expect(account.guess().answer).toEqual({ refused: 'wrong-code', attemptsLeft: 4 });
    expect(account.state.failedAttempts).toBe(6);
    expect(account.guessUntilLocked()).toBe(4);
  });

  it('lasts twice as long each time within 7 days, up to 24 hours', () => {
    const account = new Guessed();
    const lengths = Array.from({ length: 9 }, () => {
      account.guessUntilLocked();
      const { minutes } = account;
      account.waitOut();
      return minutes;
    });
    expect(lengths).toEqual([15, 30, 60, 120, 240, 480, 960, 1_440, 1_440]);
  });

  it('is as long as the setting again after 7 days', () => {
    const account = new Guessed();
    account.guessUntilLocked();
    account.waitOut();
    account.now += 7 * DAY;
    account.guessUntilLocked();
    expect(account.minutes).toBe(15);
  });

  it('is never shorter than the setting', () => {
    const account = new Guessed();
    account.guessUntilLocked();
    account.waitOut();
    account.policy = aPolicy({ lockMinutes: 120 });
    account.guessUntilLocked();
    expect(account.minutes).toBe(120);
  });

  it('starts to count anew after a right code', () => {
    const account = new Guessed();
    account.guessUntilLocked();
    account.waitOut();
    account.guess();
    const timeStep = Math.floor(account.now / 30_000);
    const attempt = { purpose: 'proof' } as const;
    const right = { kind: 'totp', matches: [{ authenticatorId: 'k1', timeStep }] } as const;
    account.play({ type: 'Verify', policy: account.policy, attempt, evidence: right });
    expect(account.guessUntilLocked()).toBe(5);
  });

  it('can be ended by an administrator before; then the count is zero', () => {
    const account = new Guessed();
    account.guessUntilLocked();
    expect(account.play({ type: 'Unlock' }).events).toEqual([{ type: 'UserUnlocked', data: {} }]);
    expect(account.state).toMatchObject({ failedAttempts: 0, lockedAt: null, lockEndsAt: null });
    expect(account.guessUntilLocked()).toBe(5);
  });
});

it.each([5, 30, 100])('with %i failures a lock, the hundredth locks until an administrator unlocks', (limit) => {
  const account = new Guessed();
  account.policy = aPolicy({ lockMinutes: 1, maxFailedAttempts: limit });
  let guesses = 0;
  for (;;) {
    guesses += account.guessUntilLocked();
    if (account.minutes === null) break;
    account.waitOut();
  }
  expect(guesses).toBe(MOST_FAILURES);
  account.now += 365 * DAY;
  expect(account.play({ type: 'EndLock' }).events).toEqual([]);
  expect(account.guess().answer).toEqual({ refused: 'account-locked' });
});

it('no order of waiting and guessing gets more guesses than the limit between two locks, nor a hundred without an administrator', () => {
  const waits = fc.array(fc.integer({ min: 0, max: 3 * DAY }), { maxLength: 300 });
  fc.assert(
    fc.property(waits, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 1_440 }), (gaps, limit, minutes) => {
      const account = new Guessed();
      account.policy = aPolicy({ lockMinutes: minutes, maxFailedAttempts: limit });
      let sinceLock = 0;
      let looked = 0;
      for (const gap of gaps) {
        account.now += gap;
        if (isLockOver(account.state, account.now)) {
          account.play({ type: 'EndLock' });
          sinceLock = 0;
        }
        if (account.guess().events.length === 0) continue;
        looked += 1;
        sinceLock += 1;
      }
      return sinceLock <= limit && looked <= MOST_FAILURES;
    }),
  );
});

it('is off unless an administrator sets it: a lock has no end', () => {
  const account = new Guessed();
  account.policy = aPolicy();
  account.guessUntilLocked();
  expect(account.state.lockEndsAt).toBeNull();
  expect(account.guess().answer).toEqual({ refused: 'account-locked' });
});
