import { totp } from '../testing/evidence.js';
import { aPolicy } from '../testing/policies.js';
import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import type { Attempt } from './attempts.js';
import { type AnswerTo, type Command, decide } from './decide.js';
import { evolve, initial } from './state.js';

const NOW = Date.UTC(2026, 10, 24, 9, 30);
const STEP = 59_471_940;
const spec = specFor<typeof initial, TwoFactorEvent, Command, AnswerTo<Command>>(
  { initial, evolve },
  (command, state) => decide(command, state, NOW),
);

const policy = aPolicy({ maxFailedAttempts: 3 });
/** Of a session that has passed a code of k1. */
const proof = { sessionId: 's1', passwordAt: NOW - 1000, authenticatorId: 'k1' };
const setUp: TwoFactorEvent = { type: 'SecretIssued', data: { secretId: 'k1', reason: 'setup', sessionId: 's1' } };
const enabled: TwoFactorEvent[] = [
  setUp,
  { type: 'TwoFactorEnabled', data: { secretId: 'k1', timeStep: STEP, sessionId: 's0' } },
  { type: 'BackupCodesIssued', data: { setId: 'b1', count: 10 } },
];
const reset: TwoFactorEvent = { type: 'SecretIssued', data: { secretId: 'k2', reason: 'reset', sessionId: 's1' } };

describe('changes by the user', () => {
  const resetting: Command = { type: 'Reset', policy, proof, secretId: 'k2' };
  const issuing: Command = { type: 'IssueBackupCodes', policy, proof, setId: 'b2' };

  it('R13 a reset begins with a new secret', () => {
    spec.given(enabled).when(resetting).then([reset], { done: true });
  });

  it('R10 a new set of backup codes takes the place of the old one', () => {
    const issued: TwoFactorEvent = { type: 'BackupCodesIssued', data: { setId: 'b2', count: 10 } };
    spec.given(enabled).when(issuing).then([issued], { done: true });
  });

  it.each([
    ['nothing is set up', []],
    ['a setup is pending', [setUp]],
  ])('neither is possible while %s', (_, events) => {
    for (const command of [resetting, issuing]) {
      spec.given(events).when(command).then([], { refused: 'two-factor-not-enabled' });
    }
  });

  it('R14 both ask for both factors', () => {
    for (const command of [resetting, issuing]) {
      const unproved = { ...command, proof: { ...proof, passwordAt: null, authenticatorId: null } } as Command;
      spec
        .given(enabled)
        .when(unproved)
        .then([], { refused: 're-authentication-required', needs: ['password', 'code'] });
    }
  });

  it('R05 an enabled second factor is not set up again', () => {
    spec.given(enabled).when({ type: 'SetUp', policy, proof, secretId: 'k2' }).then([], { refused: 'already-enabled' });
  });

  it('R27 a setup is confirmed by six digits alone, and anything else counts nothing', () => {
    const evidence = { kind: 'malformed' } as const;
    spec
      .given([setUp])
      .when({ type: 'Confirm', policy, proof, more: false, evidence, setId: 'b1' })
      .then([], { refused: 'malformed-code' });
  });
});

describe('a code beside a login', () => {
  const beside: Attempt = { purpose: 'proof', sessionId: 's1' };
  const verify = (evidence: Extract<Command, { type: 'Verify' }>['evidence'], attempt = beside): Command => ({
    type: 'Verify',
    policy,
    attempt,
    evidence,
  });
  const passed = (timeStep: number): TwoFactorEvent => ({
    type: 'AttemptSucceeded',
    data: { purpose: 'proof', method: 'totp', authenticatorId: 'k1', timeStep, sessionId: 's1' },
  });
  const failure: TwoFactorEvent = {
    type: 'AttemptFailed',
    data: { purpose: 'proof', method: 'totp', reason: 'used', failedAttempts: 1, maxFailedAttempts: 3 },
  };

  it('is recorded with its session', () => {
    spec
      .given(enabled)
      .when(verify(totp(STEP + 1)))
      .then([passed(STEP + 1)], { method: 'totp', authenticatorId: 'k1', backupCodesLeft: 10, browserEpoch: 0 });
  });

  it('R14 is asked for where nothing was typed, and nothing is counted', () => {
    spec
      .given(enabled)
      .when(verify({ kind: 'none' }))
      .then([], { refused: 're-authentication-required', needs: ['code'] });
  });

  it('R18 is not right a second time, and an older one is not either', () => {
    for (const step of [STEP + 5, STEP + 4]) {
      spec
        .given([...enabled, passed(STEP + 5)])
        .when(verify(totp(step)))
        .then([failure], { refused: 'wrong-code', attemptsLeft: 2 });
    }
  });

  it('R18 is not right again after a backup code', () => {
    const byBackupCode: TwoFactorEvent = {
      type: 'AttemptSucceeded',
      data: { purpose: 'proof', method: 'backup-code', sessionId: 's1' },
    };
    spec
      .given([...enabled, passed(STEP + 5), byBackupCode])
      .when(verify(totp(STEP + 5)))
      .then([failure], { refused: 'wrong-code', attemptsLeft: 2 });
  });

  it('R10 is no backup code that the set does not have', () => {
    spec
      .given(enabled)
      .when(verify({ kind: 'backup-code', index: null }))
      .then([{ ...failure, data: { ...failure.data, method: 'backup-code', reason: 'wrong' } }], {
        refused: 'wrong-code',
        attemptsLeft: 2,
      });
  });
});
