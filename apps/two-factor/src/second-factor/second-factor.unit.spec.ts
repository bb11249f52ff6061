import { totp } from '../testing/evidence.js';
import { aPolicy } from '../testing/policies.js';
import { PROOF_LASTS_MS } from '#libs/contracts/src/limits.js';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import type { Attempt, Evidence } from './attempts.js';
import { type AnswerTo, type Command, decide } from './decide.js';
import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import type { Proof } from './policy.js';
import { evolve, initial } from './state.js';

const NOW = Date.UTC(2026, 10, 24, 9, 30);
const STEP = 59_471_940;
const spec = specFor<typeof initial, TwoFactorEvent, Command, AnswerTo<Command>>(
  { initial, evolve },
  (command, state) => decide(command, state, NOW),
);

const policy = aPolicy({ maxFailedAttempts: 3 });
const fresh: Proof = { sessionId: 's1', passwordAt: NOW - 1000, authenticatorId: null };
const both: Proof = { ...fresh, authenticatorId: 'k1' };
const challenge = { id: 'c1', epoch: 0, suspension: 0, expiresAt: NOW + 60_000 };
const login: Attempt = { purpose: 'login', challenge };

const issued: TwoFactorEvent = { type: 'SecretIssued', data: { secretId: 'k1', reason: 'setup', sessionId: 's1' } };
const enabled: TwoFactorEvent[] = [
  issued,
  { type: 'TwoFactorEnabled', data: { secretId: 'k1', timeStep: STEP, sessionId: 's0' } },
  { type: 'BackupCodesIssued', data: { setId: 'b1', count: 10 } },
];
const failure = (failedAttempts: number, reason: 'wrong' | 'used' = 'wrong'): TwoFactorEvent => ({
  type: 'AttemptFailed',
  data: { purpose: 'login', method: 'totp', reason, failedAttempts, maxFailedAttempts: 3 },
});
const locked: TwoFactorEvent[] = [
  ...enabled,
  failure(1),
  failure(2),
  failure(3),
  { type: 'AccountLocked', data: { failedAttempts: 3, maxFailedAttempts: 3 } },
];
const verify = (evidence: Evidence, attempt = login, limits = policy): Command => ({
  type: 'Verify',
  policy: limits,
  attempt,
  evidence,
});
const confirm = (timeStep: number | null, proof = fresh): Extract<Command, { type: 'Confirm' }> => ({
  type: 'Confirm',
  policy,
  proof,
  more: false,
  evidence: totp(timeStep),
  setId: 'b1',
});

describe('setting up', () => {
  it('R05 starts with a new secret', () => {
    spec.given([]).when({ type: 'SetUp', policy, proof: fresh, secretId: 'k1' }).then([issued], { done: true });
  });

  it('R05 a second start replaces the first', () => {
    spec
      .given([issued])
      .when({ type: 'SetUp', policy, proof: fresh, secretId: 'k2' })
      .then([{ type: 'SecretIssued', data: { secretId: 'k2', reason: 'setup', sessionId: 's1' } }], { done: true });
  });

  it('R06 a right code makes it active, with ten backup codes', () => {
    spec
      .given([issued])
      .when(confirm(STEP))
      .then(
        [
          { type: 'TwoFactorEnabled', data: { secretId: 'k1', timeStep: STEP, sessionId: 's1' } },
          { type: 'BackupCodesIssued', data: { setId: 'b1', count: 10 } },
        ],
        { done: true },
      );
  });

  it('R06 a wrong code is counted, and locks nobody', () => {
    spec
      .given([issued])
      .when(confirm(null))
      .then([{ type: 'ConfirmationFailed', data: { secretId: 'k1', failedConfirmations: 1 } }], {
        refused: 'wrong-code',
        attemptsLeft: 9,
      });
  });

  it('R06 a code of another time is answered with how far the clock is off, which no event holds', () => {
    spec
      .given([issued])
      .when({ ...confirm(null), evidence: { ...totp(null), clockOffSeconds: -240 } })
      .then([{ type: 'ConfirmationFailed', data: { secretId: 'k1', failedConfirmations: 1 } }], {
        refused: 'wrong-code',
        attemptsLeft: 9,
        clockOffSeconds: -240,
      });
  });

  it('R06 a code that is meant for a setup which another has replaced is not looked at, and counts nothing', () => {
    const again: TwoFactorEvent = { type: 'SecretIssued', data: { secretId: 'k2', reason: 'setup', sessionId: 's1' } };
    const meantFor = (setupId: string) => ({ ...confirm(STEP), setupId });
    spec.given([issued, again]).when(meantFor('k1')).then([], { refused: 'no-pending-setup' });
    spec
      .given([issued, again])
      .when(meantFor('k2'))
      .then(
        [
          { type: 'TwoFactorEnabled', data: { secretId: 'k2', timeStep: STEP, sessionId: 's1' } },
          { type: 'BackupCodesIssued', data: { setId: 'b1', count: 10 } },
        ],
        { done: true },
      );
  });

  it('R06 the tenth wrong code ends the setup', () => {
    const nine: TwoFactorEvent = { type: 'ConfirmationFailed', data: { secretId: 'k1', failedConfirmations: 9 } };
    spec
      .given([issued, nine])
      .when(confirm(null))
      .then(
        [
          { type: 'ConfirmationFailed', data: { secretId: 'k1', failedConfirmations: 10 } },
          { type: 'SetupFailed', data: { secretId: 'k1', failedConfirmations: 10 } },
        ],
        { refused: 'wrong-code', attemptsLeft: 0 },
      );
    const ended: TwoFactorEvent = { type: 'SetupFailed', data: { secretId: 'k1', failedConfirmations: 10 } };
    spec.given([issued, ended]).when(confirm(STEP)).then([], { refused: 'no-pending-setup' });
  });

  it('R18 a time step that was accepted before the reset confirms nothing', () => {
    const reset: TwoFactorEvent = { type: 'SecretIssued', data: { secretId: 'k2', reason: 'reset', sessionId: 's1' } };
    spec
      .given([...enabled, reset])
      .when(confirm(STEP))
      .then([{ type: 'ConfirmationFailed', data: { secretId: 'k2', failedConfirmations: 1 } }], {
        refused: 'wrong-code',
        attemptsLeft: 9,
      });
  });

  it.each([
    ['R08', { ...policy, contributor: false, addOn: false, enabled: false }, 'contributors-only'],
    ['R03', { ...policy, addOn: false, enabled: false }, 'add-on-required'],
    ['R09', { ...policy, enabled: false }, 'portal-off'],
  ] as const)('%s says first why it cannot be configured', (_, limits, refused) => {
    const stale = { ...fresh, passwordAt: null };
    for (const type of ['SetUp', 'Reset'] as const) {
      spec.given([]).when({ type, policy: limits, proof: stale, secretId: 'k1' }).then([], { refused });
    }
    spec.given([]).when({ type: 'Disable', policy: limits, proof: stale }).then([], { refused });
    spec.given([]).when({ type: 'IssueBackupCodes', policy: limits, proof: stale, setId: 'b2' }).then([], { refused });
  });
});

describe('the proof for a change (R14)', () => {
  const disable = (proof: Proof): Command => ({ type: 'Disable', policy, proof });

  it.each<[string, Proof, ('password' | 'code')[]]>([
    ['a session without a password', { ...fresh, passwordAt: null }, ['password', 'code']],
    ['a password ten minutes old', { ...both, passwordAt: NOW - PROOF_LASTS_MS }, ['password', 'code']],
    ['a fresh password, no code', fresh, ['code']],
    ['a code of an older secret', { ...fresh, authenticatorId: 'k0' }, ['code']],
  ])('%s is not enough while 2FA is active', (_, proof, needs) => {
    spec.given(enabled).when(disable(proof)).then([], { refused: 're-authentication-required', needs });
  });

  it('both factors are; so is the session that confirmed', () => {
    const done: TwoFactorEvent = {
      type: 'TwoFactorDisabled',
      data: { secretId: 'k1', was: 'enabled', sessionId: 's1' },
    };
    spec.given(enabled).when(disable(both)).then([done], { done: true });
    const confirming = { ...fresh, sessionId: 's0' };
    spec
      .given(enabled)
      .when(disable(confirming))
      .then([{ ...done, data: { ...done.data, sessionId: 's0' } }], { done: true });
  });

  it('needs no code while nothing is active', () => {
    spec
      .given([issued])
      .when(disable(fresh))
      .then([{ type: 'TwoFactorDisabled', data: { secretId: 'k1', was: 'pending', sessionId: 's1' } }], { done: true });
    spec
      .given([issued])
      .when(disable({ ...fresh, passwordAt: null }))
      .then([], {
        refused: 're-authentication-required',
        needs: ['password'],
      });
  });

  it('a conflict with the state is told before the proof is asked for', () => {
    spec
      .given([])
      .when(disable({ ...fresh, passwordAt: null }))
      .then([], { refused: 'two-factor-not-enabled' });
  });
});

describe('the proof for what weakens the authentication of others (R14)', () => {
  const stale = { ...fresh, passwordAt: NOW - PROOF_LASTS_MS };
  const require = (proof: Proof): Command => ({ type: 'RequireProof', policy, proof });

  it('is the same as for a change of the own second factor, and records nothing', () => {
    spec.given([]).when(require(fresh)).then([], { done: true, active: false });
    spec
      .given([])
      .when(require(stale))
      .then([], { refused: 're-authentication-required', needs: ['password'] });
    spec
      .given(enabled)
      .when(require(stale))
      .then([], { refused: 're-authentication-required', needs: ['password', 'code'] });
    spec
      .given(enabled)
      .when({ type: 'RequireProof', policy: { ...policy, enabled: false }, proof: stale })
      .then([], { refused: 're-authentication-required', needs: ['password'] });
  });

  it("is nobody's whose account is locked", () => {
    spec.given(locked).when(require(fresh)).then([], { refused: 'account-locked' });
  });
});

describe('attempts', () => {
  const passedAt = (timeStep: number): TwoFactorEvent => ({
    type: 'AttemptSucceeded',
    data: {
      purpose: 'login',
      method: 'totp',
      authenticatorId: 'k1',
      timeStep,
      challengeId: 'c1',
      challengeExpiresAt: challenge.expiresAt,
    },
  });

  it('R16 a right code passes, and sets the count to zero', () => {
    const answer = { method: 'totp', authenticatorId: 'k1', backupCodesLeft: 10, browserEpoch: 0 } as const;
    spec
      .given([...enabled, failure(1), failure(2)])
      .when(verify(totp(STEP + 1)))
      .then([passedAt(STEP + 1)], answer);
    const later = { ...login, challenge: { ...challenge, id: 'c2' } };
    spec
      .given([...enabled, failure(1), failure(2), passedAt(STEP + 1)])
      .when(verify(totp(null), later))
      .then([failure(1)], { refused: 'wrong-code', attemptsLeft: 2 });
  });

  it('R18 a time step that was accepted, or an older one, is a failed attempt', () => {
    spec
      .given(enabled)
      .when(verify(totp(STEP)))
      .then([failure(1, 'used')], { refused: 'wrong-code', attemptsLeft: 2 });
    spec
      .given(enabled)
      .when(verify(totp(STEP - 1)))
      .then([failure(1, 'used')], { refused: 'wrong-code', attemptsLeft: 2 });
  });

  it('R23 the failure that reaches the limit locks, and is answered as locked', () => {
    spec
      .given([...enabled, failure(1), failure(2)])
      .when(verify(totp(null)))
      .then([failure(3), { type: 'AccountLocked', data: { failedAttempts: 3, maxFailedAttempts: 3 } }], {
        refused: 'account-locked',
      });
  });

  it('R23 a locked account gets one answer, whatever the code', () => {
    for (const evidence of [totp(STEP + 1), totp(null), { kind: 'malformed' } as const]) {
      spec.given(locked).when(verify(evidence)).then([], { refused: 'account-locked' });
    }
    spec
      .given(locked)
      .when({ type: 'OpenChallenge', purpose: 'login', policy, challengeId: 'c2' })
      .then([], { refused: 'account-locked' });
  });

  it('R02 a lowered limit locks nobody by itself, but at the next failure', () => {
    const lowered = { ...policy, maxFailedAttempts: 1 };
    const two = [...enabled, failure(1), failure(2)];
    spec
      .given(two)
      .when({ type: 'OpenChallenge', purpose: 'login', policy: lowered, challengeId: 'c2' })
      .then([], {
        required: true,
        challenge: { id: 'c2', epoch: 0, suspension: 0, expiresAt: NOW + 300_000 },
      });
    spec
      .given(two)
      .when(verify(totp(null), login, lowered))
      .then(
        [
          {
            type: 'AttemptFailed',
            data: { purpose: 'login', method: 'totp', reason: 'wrong', failedAttempts: 3, maxFailedAttempts: 1 },
          },
          { type: 'AccountLocked', data: { failedAttempts: 3, maxFailedAttempts: 1 } },
        ],
        { refused: 'account-locked' },
      );
  });

  it('R21 an ended challenge is answered without looking at the code', () => {
    const ended = { refused: 'challenge-ended' } as const;
    const of = (change: Partial<typeof challenge>): Attempt => ({ ...login, challenge: { ...challenge, ...change } });
    spec
      .given(enabled)
      .when(verify(totp(null), of({ expiresAt: NOW })))
      .then([], ended);
    spec
      .given(enabled)
      .when(verify({ kind: 'malformed' }, of({ epoch: 7 })))
      .then([], ended);
    spec
      .given([...enabled, passedAt(STEP + 1)])
      .when(verify(totp(STEP + 2)))
      .then([], ended);
  });

  it('R20 R08 codes are not looked at while 2FA is not in force', () => {
    for (const limits of [
      { ...policy, enabled: false },
      { ...policy, addOn: false },
      { ...policy, contributor: false },
    ]) {
      spec
        .given(enabled)
        .when({ type: 'OpenChallenge', purpose: 'login', policy: limits, challengeId: 'c2' })
        .then([], { required: false });
      spec
        .given(enabled)
        .when(verify(totp(null), login, limits))
        .then([], { refused: 'challenge-ended' });
    }
  });

  it('R27 a malformed code is no attempt', () => {
    spec
      .given(enabled)
      .when(verify({ kind: 'malformed' }))
      .then([], { refused: 'malformed-code' });
  });

  it('R10 a backup code passes once', () => {
    const passed: TwoFactorEvent[] = [
      {
        type: 'AttemptSucceeded',
        data: { purpose: 'login', method: 'backup-code', challengeId: 'c1', challengeExpiresAt: challenge.expiresAt },
      },
      { type: 'BackupCodeUsed', data: { setId: 'b1', index: 4, left: 9 } },
    ];
    const fourth: Evidence = { kind: 'backup-code', index: 4 };
    spec
      .given(enabled)
      .when(verify(fourth))
      .then(passed, { method: 'backup-code', authenticatorId: 'k1', backupCodesLeft: 9, browserEpoch: 0 });
    const later = { ...login, challenge: { ...challenge, id: 'c2' } };
    spec
      .given([...enabled, ...passed])
      .when(verify(fourth, later))
      .then(
        [
          {
            type: 'AttemptFailed',
            data: { purpose: 'login', method: 'backup-code', reason: 'used', failedAttempts: 1, maxFailedAttempts: 3 },
          },
        ],
        { refused: 'wrong-code', attemptsLeft: 2 },
      );
  });
});

describe('a suspended account', () => {
  const suspended = aPolicy({ ...policy, suspension: { active: true, version: 4 } });
  const resumed = aPolicy({ ...policy, suspension: { active: false, version: 5 } });
  const refused = { refused: 'account-suspended' } as const;

  it('R41 is told so before anything else, whatever the code, and nothing is counted', () => {
    for (const events of [enabled, locked]) {
      for (const evidence of [totp(STEP + 1), totp(null), { kind: 'malformed' } as const]) {
        spec
          .given(events)
          .when(verify(evidence, login, suspended))
          .then([], refused);
      }
      spec
        .given(events)
        .when({ type: 'OpenChallenge', purpose: 'login', policy: suspended, challengeId: 'c2' })
        .then([], refused);
      spec.given(events).when({ type: 'RequireProof', policy: suspended, proof: both }).then([], refused);
      spec.given(events).when({ type: 'Disable', policy: suspended, proof: both }).then([], refused);
    }
    spec
      .given([])
      .when({ type: 'OpenChallenge', purpose: 'login', policy: suspended, challengeId: 'c2' })
      .then([], refused);
  });

  it('R41 is unlocked, and its 2FA disabled, all the same', () => {
    spec
      .given(locked)
      .when({ type: 'Unlock' })
      .then([{ type: 'UserUnlocked', data: {} }], { done: true });
  });

  it('R41 has no challenge of before once it is resumed, but those since', () => {
    spec
      .given(enabled)
      .when(verify(totp(null), login, resumed))
      .then([], { refused: 'challenge-ended' });
    const since = { ...challenge, suspension: 5 };
    spec
      .given(enabled)
      .when({ type: 'OpenChallenge', purpose: 'login', policy: resumed, challengeId: 'c1' })
      .then([], { required: true, challenge: { ...since, expiresAt: NOW + 300_000 } });
    spec
      .given(enabled)
      .when(verify(totp(null), { ...login, challenge: since }, resumed))
      .then([failure(1)], { refused: 'wrong-code', attemptsLeft: 2 });
  });

  it('R41 that is locked as well is told so once it is resumed', () => {
    spec
      .given(locked)
      .when(verify(totp(null), login, resumed))
      .then([], { refused: 'account-locked' });
  });
});

describe('administrators', () => {
  it('R25 unlock sets the count to zero and leaves 2FA as it was', () => {
    spec
      .given(locked)
      .when({ type: 'Unlock' })
      .then([{ type: 'UserUnlocked', data: {} }], { done: true });
    spec.given(enabled).when({ type: 'Unlock' }).then([], { refused: 'not-locked' });
    const newer = { ...login, challenge: { ...challenge, epoch: 2 } };
    spec
      .given([...locked, { type: 'UserUnlocked', data: {} }])
      .when(verify(totp(null), newer))
      .then([failure(1)], {
        refused: 'wrong-code',
        attemptsLeft: 2,
      });
  });

  it('R12 disable 2FA also of a locked account, which stays locked', () => {
    const disabled: TwoFactorEvent = { type: 'TwoFactorDisabled', data: { secretId: 'k1', was: 'enabled' } };
    spec.given(locked).when({ type: 'DisableForUser' }).then([disabled], { done: true });
    spec
      .given([...locked, disabled])
      .when({ type: 'OpenChallenge', purpose: 'login', policy, challengeId: 'c2' })
      .then([], {
        refused: 'account-locked',
      });
    spec.given([]).when({ type: 'DisableForUser' }).then([], { refused: 'two-factor-not-enabled' });
  });
});
