import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import { STANDARD_TOTP } from '#libs/contracts/src/limits.js';
import type { Sealed } from '#libs/event-store/src/decision.js';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import { totp } from '../testing/evidence.js';
import { aPolicy } from '../testing/policies.js';
import { aName } from '../testing/states.js';
import { type AnswerTo, type Command, decide } from './decide.js';
import type { Proof } from './policy.js';
import { authenticatorsOf, evolve, initial } from './state.js';

const NOW = Date.UTC(2026, 10, 24, 9, 30);
const STEP = 59_471_940;
type Recorded = Sealed<TwoFactorEvent>;
const spec = specFor<typeof initial, TwoFactorEvent, Command, AnswerTo<Command>>(
  { initial, evolve },
  (command, state) => decide(command, state, NOW),
);
const stateAfter = (events: readonly (Recorded | TwoFactorEvent)[], at = NOW) =>
  events.reduce((state, event) => evolve(state, event as Recorded, at), initial);

const policy = aPolicy({ maxFailedAttempts: 3 });
const proof: Proof = { sessionId: 's1', passwordAt: NOW - 1000, authenticatorId: 'k1' };
const stale: Proof = { ...proof, passwordAt: null };
const done = { done: true } as const;

const issued = (secretId: string, reason: 'setup' | 'add' | 'reset' = 'add'): Recorded => ({
  type: 'SecretIssued',
  data: { secretId, reason, sessionId: 's1' },
  ...(reason === 'add' && { person: aName(secretId) }),
});
const added = (authenticatorId: string, timeStep = STEP): Recorded => ({
  type: 'AuthenticatorAdded',
  data: { authenticatorId, kind: 'totp', timeStep, sessionId: 's1' },
});
const one: Recorded[] = [
  issued('k1', 'setup'),
  { type: 'TwoFactorEnabled', data: { secretId: 'k1', timeStep: STEP, sessionId: 's0' } },
  { type: 'BackupCodesIssued', data: { setId: 'b1', count: 10 } },
];
const two = [...one, issued('k2'), added('k2')];
const three = [...two, issued('k3'), added('k3')];

const add = (secretId: string, by = proof): Command => ({
  type: 'AddTotp',
  policy,
  proof: by,
  secretId,
  name: 'Work phone',
});
const confirm = (secretId: string, timeStep: number | null, more = true): Command => ({
  type: 'Confirm',
  policy,
  proof,
  more,
  name: 'Work phone',
  setId: 'b9',
  evidence: totp(timeStep, secretId),
});
const remove = (authenticatorId: string, by = proof): Command => ({
  type: 'Remove',
  policy,
  proof: by,
  authenticatorId,
  name: 'Work phone',
});
const rename = (authenticatorId: string): Command => ({ type: 'Rename', policy, authenticatorId, name: 'Old phone' });
const verify = (evidence: ReturnType<typeof totp>): Command => ({
  type: 'Verify',
  policy,
  attempt: { purpose: 'proof', sessionId: 's1' },
  evidence,
});
const passed = (authenticatorId: string, timeStep: number): TwoFactorEvent => ({
  type: 'AttemptSucceeded',
  data: { purpose: 'proof', method: 'totp', authenticatorId, timeStep, sessionId: 's1' },
});
const failure = (reason: 'used' | 'wrong', failedAttempts = 1): TwoFactorEvent => ({
  type: 'AttemptFailed',
  data: { purpose: 'proof', method: 'totp', reason, failedAttempts, maxFailedAttempts: 3 },
});
const person = { authenticatorName: 'Work phone' };

describe('adding an authenticator (R45)', () => {
  it('begins with a secret of its own and a name; the first one is a setup', () => {
    const data = { secretId: 'k2', sessionId: 's1' };
    spec
      .given(one)
      .when(add('k2'))
      .then([{ type: 'SecretIssued', data: { ...data, reason: 'add' }, person }], done);
    spec
      .given([])
      .when(add('k2'))
      .then([{ type: 'SecretIssued', data: { ...data, reason: 'setup' }, person }], done);
  });

  it('needs the proof (R14), and has a limit that is told first', () => {
    const needs = ['password', 'code'] as const;
    spec
      .given(one)
      .when(add('k2', stale))
      .then([], { refused: 're-authentication-required', needs: [...needs] });
    spec.given(three).when(add('k4', stale)).then([], { refused: 'authenticator-limit' });
  });

  it('ends with a right code of the new secret; codes and sessions of before go on', () => {
    const data = { authenticatorId: 'k2', kind: 'totp', timeStep: STEP, sessionId: 's1' } as const;
    spec
      .given([...one, issued('k2')])
      .when(confirm('k2', STEP))
      .then([{ type: 'AuthenticatorAdded', data, person }], done);
    expect(stateAfter(two)).toMatchObject({ epoch: 0, enrolment: { id: 'k1', adding: null } });
    expect(authenticatorsOf(stateAfter(two))).toMatchObject([
      { id: 'k1', name: null },
      { id: 'k2', name: aName('k2'), addedAt: NOW, lastUsedAt: NOW, totp: STANDARD_TOTP, confirmedBy: 's1' },
    ]);
  });

  it('the first one by this way enables 2FA, and has backup codes', () => {
    spec
      .given([issued('k1', 'setup')])
      .when(confirm('k1', STEP))
      .then(
        [
          { type: 'TwoFactorEnabled', data: { secretId: 'k1', timeStep: STEP, sessionId: 's1' } },
          { type: 'BackupCodesIssued', data: { setId: 'b9', count: 10 } },
        ],
        done,
      );
  });

  it('is not confirmed by the call that confirms a setup', () => {
    const adding = [...one, issued('k2')];
    spec
      .given(adding)
      .when(confirm('k2', STEP, false))
      .then([], { refused: 'no-pending-setup' });
    spec.given(one).when(confirm('k2', STEP)).then([], { refused: 'no-pending-setup' });
  });

  it('R06 ends after ten wrong codes, and 2FA goes on as it was', () => {
    const failed: Recorded = { type: 'ConfirmationFailed', data: { secretId: 'k2', failedConfirmations: 9 } };
    const end: TwoFactorEvent = { type: 'SetupFailed', data: { secretId: 'k2', failedConfirmations: 10 } };
    spec
      .given([...one, issued('k2'), failed])
      .when(confirm('k2', null))
      .then([{ type: 'ConfirmationFailed', data: end.data }, end], { refused: 'wrong-code', attemptsLeft: 0 });
    expect(stateAfter([...one, issued('k2'), failed, end])).toEqual(stateAfter(one));
  });

  it('begun again has another secret', () => {
    const again = [...one, issued('k2'), issued('k3')];
    spec
      .given(again)
      .when({ ...confirm('k2', STEP), setupId: 'k2' } as Command)
      .then([], { refused: 'no-pending-setup' });
  });
});

describe('a code with several authenticators (R45)', () => {
  const answer = (authenticatorId: string) =>
    ({ method: 'totp', authenticatorId, backupCodesLeft: 10, browserEpoch: 1 }) as const;

  it('passes by the one that has it, which is named and has been used', () => {
    spec
      .given(two)
      .when(verify(totp(STEP + 1, 'k2')))
      .then([passed('k2', STEP + 1)], answer('k2'));
    const [first, second] = authenticatorsOf(evolve(stateAfter(two), passed('k2', STEP + 1) as Recorded, NOW + 5));
    expect(first).toMatchObject({ lastAcceptedStep: STEP, lastUsedAt: NOW });
    expect(second).toMatchObject({ lastAcceptedStep: STEP + 1, lastUsedAt: NOW + 5 });
  });

  it('R18 is used for the one that had it, and not for the other', () => {
    const after = [...two, passed('k1', STEP + 1)];
    spec
      .given(after)
      .when(verify(totp(STEP + 1, 'k1')))
      .then([failure('used')], { refused: 'wrong-code', attemptsLeft: 2 });
    spec
      .given(after)
      .when(verify(totp(STEP + 1, 'k2')))
      .then([passed('k2', STEP + 1)], answer('k2'));
  });

  it('R18 that two have counts as used for both', () => {
    const matches = ['k1', 'k2'].map((authenticatorId) => ({ authenticatorId, timeStep: STEP + 1 }));
    const data = { ...passed('k1', STEP + 1).data, alsoMatched: matches.slice(1) };
    const both = { type: 'AttemptSucceeded', data } as TwoFactorEvent;
    spec
      .given(two)
      .when(verify({ kind: 'totp', matches }))
      .then([both], answer('k1'));
    for (const id of ['k1', 'k2']) {
      spec
        .given([...two, both])
        .when(verify(totp(STEP + 1, id)))
        .then([failure('used')], { refused: 'wrong-code', attemptsLeft: 2 });
    }
    spec
      .given([...two, passed('k2', STEP + 1)])
      .when(verify({ kind: 'totp', matches }))
      .then([failure('used')], { refused: 'wrong-code', attemptsLeft: 2 });
  });

  it('R22 wrong ones add up in one count, whichever passes sets it to zero', () => {
    spec
      .given([...two, failure('used'), failure('wrong', 2)])
      .when(verify(totp(null)))
      .then([failure('wrong', 3), { type: 'AccountLocked', data: { failedAttempts: 3, maxFailedAttempts: 3 } }], {
        refused: 'account-locked',
      });
    expect(stateAfter([...two, failure('wrong', 2), passed('k2', STEP + 1)]).failedAttempts).toBe(0);
  });
});

it('R18 a code that passed before there were several is used, whichever way the log said it', () => {
  const before: TwoFactorEvent = {
    type: 'AttemptSucceeded',
    data: { purpose: 'proof', method: 'totp', timeStep: STEP + 5, sessionId: 's1' },
  };
  spec
    .given([...one, before])
    .when(verify(totp(STEP + 5)))
    .then([failure('used')], { refused: 'wrong-code', attemptsLeft: 2 });
});

describe('removing an authenticator (R45)', () => {
  it('destroys one, raises the epoch, and leaves the others and the backup codes', () => {
    const data = { authenticatorId: 'k1', kind: 'totp', sessionId: 's1' } as const;
    const removed: TwoFactorEvent = { type: 'AuthenticatorRemoved', data, person };
    spec.given(two).when(remove('k1')).then([removed], done);
    const state = stateAfter([...two, { type: 'AuthenticatorRemoved', data }]);
    expect(state).toMatchObject({ epoch: 1, enrolment: { backupCodes: { setId: 'b1' } } });
    expect(authenticatorsOf(state).map(({ id }) => id)).toEqual(['k2']);
  });

  it('of the last is a disable', () => {
    const disabled: TwoFactorEvent = {
      type: 'TwoFactorDisabled',
      data: { secretId: 'k1', was: 'enabled', sessionId: 's1' },
    };
    spec.given(one).when(remove('k1')).then([disabled], done);
  });

  it('needs the proof (R14), after it is known that there is such a one', () => {
    const needs = ['password', 'code'] as const;
    spec
      .given(two)
      .when(remove('k2', stale))
      .then([], { refused: 're-authentication-required', needs: [...needs] });
    for (const events of [two, [], [issued('k9', 'setup')]]) {
      spec.given(events).when(remove('k9', stale)).then([], { refused: 'not-found' });
    }
  });

  it('ends the proof of a session that passed it alone', () => {
    const removed: Recorded = {
      type: 'AuthenticatorRemoved',
      data: { authenticatorId: 'k2', kind: 'totp', sessionId: 's1' },
    };
    const gone = { ...proof, sessionId: 's2', authenticatorId: 'k2' };
    spec
      .given([...three, removed])
      .when(remove('k3', gone))
      .then([], { refused: 're-authentication-required', needs: ['code'] });
  });

  it('R18 lets none in its place be confirmed by a time step that it had passed with', () => {
    const removed: Recorded = {
      type: 'AuthenticatorRemoved',
      data: { authenticatorId: 'k2', kind: 'totp', sessionId: 's1' },
    };
    const again = [...two, passed('k2', STEP + 2) as Recorded, removed, issued('k3')];
    spec
      .given(again)
      .when(confirm('k3', STEP + 2))
      .then([{ type: 'ConfirmationFailed', data: { secretId: 'k3', failedConfirmations: 1 } }], {
        refused: 'wrong-code',
        attemptsLeft: 9,
      });
    spec
      .given(again)
      .when(confirm('k3', STEP + 3))
      .then(
        [
          {
            type: 'AuthenticatorAdded',
            data: { authenticatorId: 'k3', kind: 'totp', timeStep: STEP + 3, sessionId: 's1' },
            person,
          },
        ],
        done,
      );
  });
});

it('another name needs no proof, but an authenticator that is there', () => {
  const renamed: TwoFactorEvent = {
    type: 'AuthenticatorRenamed',
    data: { authenticatorId: 'k2' },
    person: { authenticatorName: 'Old phone' },
  };
  spec.given(two).when(rename('k2')).then([renamed], done);
  spec.given(two).when(rename('k9')).then([], { refused: 'not-found' });
  const state = stateAfter([...two, { ...renamed, person: aName('e9') }]);
  expect(authenticatorsOf(state).map(({ name }) => name)).toEqual([null, aName('e9')]);
});

it.each<[string, Recorded]>([
  ['a reset', issued('k9', 'reset')],
  ['a disabling', { type: 'TwoFactorDisabled', data: { secretId: 'k1', was: 'enabled' } }],
  ['a deletion', { type: 'SecondFactorErased', data: {} }],
])('%s ends all authenticators', (_, event) => {
  expect(authenticatorsOf(stateAfter([...three, issued('k4'), event]))).toEqual([]);
});
