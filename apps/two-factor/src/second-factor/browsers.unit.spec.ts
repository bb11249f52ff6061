import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import type { Sealed } from '#libs/event-store/src/decision.js';
import { aPolicy } from '../testing/policies.js';
import { enabledWith } from '../testing/states.js';
import { decide } from './decide.js';
import { browserEpochOf } from './browser-epoch.js';
import { evolve, initial, type SecondFactor } from './state.js';

const now = Date.UTC(2026, 0, 1);
const enabled = enabledWith();
const open = (
  state: SecondFactor,
  { purpose = 'login', browserEpoch = browserEpochOf(enabled), policy = aPolicy() } = {},
) =>
  decide(
    { type: 'OpenChallenge', purpose: purpose as 'login' | 'gateway', policy, challengeId: 'c1', browserEpoch },
    state,
    now,
  );
const after = (...events: readonly Pick<TwoFactorEvent, 'type' | 'data'>[]): SecondFactor =>
  events.reduce((state, event) => evolve(state, event as Sealed<TwoFactorEvent>, now), enabled);

describe('a login from a remembered browser (R39)', () => {
  it('is asked for no code, and leaves no trace', () => {
    expect(open(enabled)).toEqual({ events: [], answer: { required: false, remembered: true } });
  });

  it('is asked where the browser is of another time, before or after', () => {
    for (const browserEpoch of [-1, 1])
      expect(open(enabled, { browserEpoch }).answer).toMatchObject({ required: true });
  });

  it('is none at a gateway', () => {
    expect(open(enabled, { purpose: 'gateway' }).answer).toMatchObject({ required: true });
  });

  it('is refused while the account is locked or suspended', () => {
    const locked = after({ type: 'AccountLocked', data: { failedAttempts: 5, maxFailedAttempts: 5 } });
    expect(open(locked, { browserEpoch: browserEpochOf(locked) }).answer).toMatchObject({ refused: 'account-locked' });
    const policy = aPolicy({ suspension: { active: true, version: 1 } });
    expect(open(enabled, { policy }).answer).toMatchObject({ refused: 'account-suspended' });
  });

  it('says nothing of a browser where no code is needed', () => {
    expect(open(initial, { browserEpoch: 0 }).answer).toEqual({ required: false });
    expect(open(enabled, { policy: aPolicy({ enabled: false }) }).answer).toEqual({ required: false });
  });

  it.each<Pick<TwoFactorEvent, 'type' | 'data'>>([
    { type: 'AccountLocked', data: { failedAttempts: 5, maxFailedAttempts: 5 } },
    { type: 'SecretIssued', data: { secretId: 'k2', reason: 'reset', sessionId: 's1' } },
    { type: 'TwoFactorDisabled', data: { secretId: 'k1', was: 'enabled' } },
    { type: 'AuthenticatorAdded', data: { authenticatorId: 'k2', kind: 'totp', timeStep: 1, sessionId: 's1' } },
    { type: 'AuthenticatorRemoved', data: { authenticatorId: 'k1', kind: 'totp', sessionId: 's1' } },
    { type: 'SecondFactorErased', data: {} },
  ])('ends by $type', (event) => {
    expect(browserEpochOf(after(event))).toBeGreaterThan(browserEpochOf(enabled));
  });

  it.each<Pick<TwoFactorEvent, 'type' | 'data'>>([
    { type: 'SecretIssued', data: { secretId: 'k2', reason: 'add', sessionId: 's1' } },
    {
      type: 'AttemptFailed',
      data: { purpose: 'login', method: 'totp', reason: 'wrong', failedAttempts: 1, maxFailedAttempts: 5 },
    },
    { type: 'AttemptSucceeded', data: { purpose: 'login', method: 'totp', authenticatorId: 'k1', timeStep: 9 } },
    { type: 'BackupCodesIssued', data: { setId: 'b2', count: 10 } },
    { type: 'AuthenticatorRenamed', data: { authenticatorId: 'k1' } },
  ])('outlives $type', (event) => {
    expect(browserEpochOf(after(event))).toBe(browserEpochOf(enabled));
  });
});
