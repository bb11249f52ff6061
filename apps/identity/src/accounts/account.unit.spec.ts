import fc from 'fast-check';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import { evolveAccount, initialAccount, isKnownTo, type Account } from './account.js';
import { type AccountCommand, decideAccount, noSuchAccount, type ProfileChanges } from './decide-account.js';
import type { AccountEvent } from './events.js';

const { given } = specFor({ initial: initialAccount, evolve: evolveAccount }, decideAccount);

const registered: AccountEvent = {
  type: 'AccountRegistered',
  data: { username: 'alice', displayName: 'Alice', type: 'contributor', passwordId: 'p1' },
};
const subject = (to: string | null, from: string | null = null): AccountEvent => ({
  type: 'AccountChanged',
  data: { ssoSubject: { from, to }, ssoIssuer: { from: from && 'https://idp', to: to && 'https://idp' } },
});
const change = (changes: ProfileChanges): AccountCommand => ({ type: 'Change', changes });
const fold = (events: readonly AccountEvent[]): Account => events.reduce(evolveAccount, initialAccount);

describe('registering', () => {
  const command: AccountCommand = { type: 'Register', account: registered.data };

  test('makes the account', () => {
    given([]).when(command).then([registered], { changed: true });
  });
  test('is refused when the account was made already: of two at once one is first', () => {
    given([registered]).when(command).then([], { refused: 'username-taken' });
  });
});

describe('changing', () => {
  test('records what differs, from what to what', () => {
    given([registered])
      .when(change({ type: 'power-reader', displayName: null, email: 'alice@example.org' }))
      .then(
        [
          {
            type: 'AccountChanged',
            data: {
              type: { from: 'contributor', to: 'power-reader' },
              displayName: { from: 'Alice', to: null },
              email: { from: null, to: 'alice@example.org' },
            },
          },
        ],
        { changed: true },
      );
  });
  test('to what it is already records nothing', () => {
    given([registered])
      .when(change({ type: 'contributor', displayName: 'Alice', email: null, sso: null }))
      .then([], { changed: false });
  });
  test('of the SSO subject names the identity provider that it is of', () => {
    given([registered])
      .when(change({ sso: { subject: '42', issuer: 'https://idp' } }))
      .then([subject('42')], { changed: true });
  });
  test('to the same subject of another identity provider is a change', () => {
    given([registered, subject('42')])
      .when(change({ sso: { subject: '42', issuer: 'https://other' } }))
      .then([{ type: 'AccountChanged', data: { ssoIssuer: { from: 'https://idp', to: 'https://other' } } }]);
  });
  test('takes the subject away with its identity provider', () => {
    given([registered, subject('42')])
      .when(change({ sso: null }))
      .then([subject(null, '42')]);
    expect(fold([registered, subject('42'), subject(null, '42')]).profile?.sso).toBeNull();
  });
});

describe('changing the password', () => {
  const to = (passwordId: string): AccountCommand => ({
    type: 'ChangePassword',
    checked: 'p1',
    passwordId,
    sessionId: 's1',
  });
  const changed: AccountEvent = { type: 'PasswordChanged', data: { passwordId: 'p2', sessionId: 's1' } };

  test('names the new hash and the session that stays', () => {
    given([registered]).when(to('p2')).then([changed], { changed: true });
  });
  test('is refused when the password that was checked is the present one no more', () => {
    given([registered, changed]).when(to('p3')).then([], {
      refused: 'invalid-credentials',
      detail: 'The username or password is incorrect.',
    });
  });
});

describe('an account that was never registered', () => {
  test.each<AccountCommand>([
    change({ type: 'power-reader' }),
    { type: 'ChangePassword', checked: 'p1', passwordId: 'p2', sessionId: 's1' },
    { type: 'RecordLogin', login: { method: 'password', sessionId: 's1' } },
    { type: 'RecordFailedLogin', reason: 'wrong-password' },
    { type: 'RecordReAuthentication', sessionId: 's1', secondFactor: true },
    { type: 'RecordLoginToken', loginTokenId: 't1' },
    { type: 'RecordLogout', sessionId: 's1' },
  ])('is not found by $type', (command) => {
    given([]).when(command).then([], noSuchAccount);
  });
});

describe('recording', () => {
  test.each<[AccountCommand, AccountEvent]>([
    [
      { type: 'RecordLogin', login: { method: 'sso', sessionId: 's1' } },
      { type: 'LoginSucceeded', data: { method: 'sso', sessionId: 's1' } },
    ],
    [
      { type: 'RecordFailedLogin', reason: 'wrong-password-at-change' },
      { type: 'LoginFailed', data: { reason: 'wrong-password-at-change' } },
    ],
    [
      { type: 'RecordReAuthentication', sessionId: 's1', secondFactor: false },
      { type: 'ReAuthenticated', data: { sessionId: 's1', secondFactor: false } },
    ],
    [
      { type: 'RecordLoginToken', loginTokenId: 't1' },
      { type: 'LoginTokenIssued', data: { loginTokenId: 't1' } },
    ],
    [
      { type: 'RecordLogout', sessionId: 's1' },
      { type: 'LoggedOut', data: { sessionId: 's1' } },
    ],
  ])('%j', (command, event) => {
    given([registered]).when(command).then([event], { changed: true });
  });
});

test('after any change the account is as asked, and asking again changes nothing', () => {
  const text = fc.constantFrom(null, 'a', 'b');
  const sso = fc.option(
    fc.record({ subject: fc.constantFrom('1', '2'), issuer: fc.constantFrom(null, 'https://x', 'https://y') }),
  );
  const changes = fc.record<ProfileChanges>(
    { type: fc.constantFrom('contributor', 'power-reader'), displayName: text, email: text, sso },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(changes, { minLength: 1, maxLength: 8 }), (all) => {
      let state = fold([registered]);
      for (const wanted of all) {
        const { events } = decideAccount(change(wanted), state);
        state = events.reduce(evolveAccount, state);
        expect(state.profile).toMatchObject(wanted);
        expect(decideAccount(change(wanted), state).events).toEqual([]);
      }
    }),
  );
});

describe('a person of an identity provider', () => {
  const claimed = { subject: '42', issuer: 'https://idp' };

  test.each([
    [{ subject: '42', issuer: 'https://idp' }, true],
    [{ subject: '42', issuer: null }, true],
    [{ subject: '42', issuer: 'https://other' }, false],
    [{ subject: '43', issuer: 'https://idp' }, false],
    [null, false],
  ])('is the account with %j: %s', (sso, known) => {
    expect(isKnownTo(sso, claimed)).toBe(known);
  });
});
