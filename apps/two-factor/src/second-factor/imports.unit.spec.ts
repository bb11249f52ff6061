import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import { STANDARD_TOTP } from '#libs/contracts/src/limits.js';
import type { TotpParameters } from '#libs/contracts/src/primitives.js';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import { totp } from '../testing/evidence.js';
import { aPolicy } from '../testing/policies.js';
import { type AnswerTo, type Command, decide } from './decide.js';
import { backupCodesLeft, evolve, initial, type SecondFactor, secretsNamed } from './state.js';

const NOW = Date.UTC(2026, 10, 24, 9, 30);
const STEP = 59_471_940;
const done = { done: true } as const;
const spec = specFor<typeof initial, TwoFactorEvent, Command, AnswerTo<Command>>(
  { initial, evolve },
  (command, state) => decide(command, state, NOW),
);
const slow: TotpParameters = { algorithm: 'SHA512', digits: 8, period: 60 };

const brought = (importId: string, authenticatorId: string, parameters = STANDARD_TOTP): TwoFactorEvent => ({
  type: 'AuthenticatorImported',
  data: { importId, authenticatorId, kind: 'totp', totp: parameters },
});
const settled = (importId: string): TwoFactorEvent => ({ type: 'SecondFactorImported', data: { importId } });
const discarded = (importId: string): TwoFactorEvent => ({ type: 'ImportDiscarded', data: { importId } });
const bring = (importId: string, authenticatorId: string, changes: { registered?: boolean } = {}): Command => ({
  type: 'Import',
  importId,
  authenticators: [{ authenticatorId, totp: STANDARD_TOTP }],
  registered: false,
  ...changes,
});
const settle = (importId: string | null): Command => ({ type: 'SettleImports', importId });
const stateAfter = (...events: TwoFactorEvent[]): SecondFactor =>
  events.reduce((state, event) => evolve(state, event as never, NOW), initial);
const policy = aPolicy();

describe('R36 what an import brings', () => {
  it('is recorded with how its codes are made, and its name apart', () => {
    const authenticators = [
      { authenticatorId: 'k1', totp: slow, name: 'Phone' },
      { authenticatorId: 'k2', totp: STANDARD_TOTP },
    ];
    spec
      .given([])
      .when({ type: 'Import', importId: 'i1', authenticators, registered: false })
      .then(
        [
          { ...brought('i1', 'k1', slow), person: { authenticatorName: 'Phone' } } as TwoFactorEvent,
          brought('i1', 'k2'),
        ],
        done,
      );
  });

  it('asks for nothing until the account is registered by it', () => {
    const state = stateAfter(brought('i1', 'k1'));
    expect(state.enrolment).toEqual({ status: 'none' });
    expect(secretsNamed(state)).toEqual(['k1']);
    spec
      .given([brought('i1', 'k1')])
      .when({ type: 'OpenChallenge', purpose: 'login', policy, challengeId: 'c1' })
      .then([], { required: false });
  });

  it('counts from there, without backup codes', () => {
    spec
      .given([brought('i1', 'k1')])
      .when(settle('i1'))
      .then([settled('i1')], done);
    const state = stateAfter(brought('i1', 'k1', slow), brought('i1', 'k2'), settled('i1'));
    expect(state.enrolment).toMatchObject({
      status: 'enabled',
      id: 'k1',
      authenticators: [{ totp: slow }, { id: 'k2' }],
    });
    expect(backupCodesLeft(state)).toBe(0);
    expect(secretsNamed(state)).toEqual(['k1', 'k2']);
  });

  it('again changes nothing, before and after', () => {
    spec
      .given([brought('i1', 'k1')])
      .when(bring('i1', 'k9'))
      .then([], done);
    spec
      .given([brought('i1', 'k1'), settled('i1')])
      .when(bring('i1', 'k9'))
      .then([], done);
    spec
      .given([brought('i1', 'k1'), settled('i1')])
      .when(settle('i1'))
      .then([], done);
  });

  it('stands beside what another has brought; the registration says which counts', () => {
    spec
      .given([brought('i1', 'k1')])
      .when(bring('i2', 'k2'))
      .then([brought('i2', 'k2')], done);
    const both = [brought('i1', 'k1'), brought('i2', 'k2')];
    spec
      .given(both)
      .when(settle('i1'))
      .then([settled('i1')], done);
    expect(secretsNamed(stateAfter(...both, settled('i1')))).toEqual(['k1']);
    spec
      .given(both)
      .when(settle(null))
      .then([discarded('i1'), discarded('i2')], done);
    expect(secretsNamed(stateAfter(...both, discarded('i1'), discarded('i2')))).toEqual([]);
  });

  it('is missed if the registration names it and it is not there', () => {
    spec
      .given([brought('i1', 'k1')])
      .when(settle('i2'))
      .then([], { refused: 'not-found' });
    spec
      .given([brought('i1', 'k1'), discarded('i1')])
      .when(settle('i1'))
      .then([], { refused: 'not-found' });
  });

  it('is refused once the account is known, or has a second factor, or had an imported one', () => {
    const refused = { refused: 'username-taken' } as const;
    spec
      .given([])
      .when(bring('i1', 'k1', { registered: true }))
      .then([], refused);
    spec
      .given([brought('i1', 'k1'), settled('i1')])
      .when(bring('i2', 'k2'))
      .then([], refused);
    spec
      .given([
        brought('i1', 'k1'),
        settled('i1'),
        { type: 'TwoFactorDisabled', data: { secretId: 'k1', was: 'enabled' } },
      ])
      .when(bring('i2', 'k2'))
      .then([], refused);
  });

  it('piles up only so far', () => {
    const eight = Array.from({ length: 8 }, (_, at) => brought(`i${at}`, `k${at}`));
    spec.given(eight).when(bring('i9', 'k9')).then([], { refused: 'unavailable' });
  });

  it('is discarded if it began before a time', () => {
    const discard = (before: number): Command => ({ type: 'DiscardImports', before });
    spec
      .given([brought('i1', 'k1')], NOW)
      .when(discard(NOW))
      .then([], done);
    spec
      .given([brought('i1', 'k1')], NOW)
      .when(discard(NOW + 1))
      .then([discarded('i1')], done);
  });

  it('goes with a deleted account, and comes to none', () => {
    const erased: TwoFactorEvent = { type: 'SecondFactorErased', data: {} };
    expect(secretsNamed(stateAfter(brought('i1', 'k1'), erased))).toEqual([]);
    spec.given([erased]).when(bring('i1', 'k1')).then([], { refused: 'account-deleted' });
    spec
      .given([brought('i1', 'k1'), erased])
      .when(settle('i1'))
      .then([], { refused: 'account-deleted' });
  });

  it('is no proof of any session (R14), and passes each of its codes once (R18)', () => {
    const present = [brought('i1', 'k1'), settled('i1')];
    const proof = { sessionId: 's1', passwordAt: NOW, authenticatorId: null };
    spec
      .given(present)
      .when({ type: 'IssueBackupCodes', policy, proof, setId: 'b1' })
      .then([], { refused: 're-authentication-required', needs: ['code'] });
    const attempt = { purpose: 'proof', sessionId: 's1' } as const;
    const verify: Command = { type: 'Verify', policy, attempt, evidence: totp(STEP, 'k1') };
    const passed: TwoFactorEvent = {
      type: 'AttemptSucceeded',
      data: { purpose: 'proof', method: 'totp', authenticatorId: 'k1', timeStep: STEP, sessionId: 's1' },
    };
    const { answer } = decide(verify, stateAfter(...present), NOW);
    expect(answer).toEqual({ method: 'totp', authenticatorId: 'k1', backupCodesLeft: 0, browserEpoch: 0 });
    expect(decide(verify, stateAfter(...present, passed), NOW).answer).toMatchObject({ refused: 'wrong-code' });
  });

  it('has no backup code that could be right', () => {
    const attempt = { purpose: 'proof', sessionId: 's1' } as const;
    const verify: Command = { type: 'Verify', policy, attempt, evidence: { kind: 'backup-code', index: null } };
    const { events } = decide(verify, stateAfter(brought('i1', 'k1'), settled('i1')), NOW);
    expect(events).toMatchObject([{ type: 'AttemptFailed', data: { method: 'backup-code', reason: 'wrong' } }]);
  });
});
