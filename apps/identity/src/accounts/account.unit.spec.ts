import fc from 'fast-check';
import type { AccountEvent, Person } from '#libs/contracts/src/events/identity.js';
import type { Sealed } from '#libs/event-store/src/decision.js';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import { type Account, evolveAccount, initialAccount, isKnownTo, profileOf } from './account.js';
import {
  type AccountCommand,
  asksForPerson,
  decideAccount,
  type Forgotten,
  noSuchAccount,
  type ProfileChanges,
} from './decide-account.js';

/** As if it were sealed, so that a spec can look into it. */
const sealed = (event: AccountEvent): Sealed<AccountEvent> =>
  'person' in event
    ? { ...event, person: { eventId: 'e1', kid: 'a1/person', ciphertext: JSON.stringify(event.person) } }
    : event;
const opened = ({ profile }: Account) => profile && profileOf(profile, JSON.parse(profile.person.ciphertext) as Person);

const spec = specFor({ initial: initialAccount, evolve: evolveAccount }, (command: AccountCommand, state: Account) =>
  decideAccount(command, state, asksForPerson(command) ? opened(state) : null),
);
const given = (events: readonly AccountEvent[]) => spec.given(events.map(sealed));

const alice = { username: 'alice', displayName: 'Alice' };
const registered = {
  type: 'AccountRegistered',
  data: { type: 'contributor', passwordId: 'p1' },
  person: alice,
} as const satisfies AccountEvent;
const idp = { ssoSubject: '42', ssoIssuer: 'https://idp' };
const changedTo = (person: Partial<Person>, ...changed: ('displayName' | 'email' | 'ssoSubject')[]): AccountEvent => ({
  type: 'AccountChanged',
  data: { changed },
  person: { ...alice, ...person },
});
const change = (changes: ProfileChanges): AccountCommand => ({ type: 'Change', changes });
const after = (state: Account, events: readonly AccountEvent[]): Account =>
  events.map(sealed).reduce<Account>((next, event) => evolveAccount(next, event, 0), state);
const fold = (events: readonly AccountEvent[]): Account => after(initialAccount, events);

describe('registering', () => {
  const command: AccountCommand = { type: 'Register', account: registered.data, person: alice };

  test('makes the account', () => {
    given([]).when(command).then([registered], { changed: true });
  });
  test('is refused when the account was made already: of two at once one is first', () => {
    given([registered]).when(command).then([], { refused: 'username-taken' });
  });
});

describe('changing', () => {
  test('records which fields differ, and who it is then', () => {
    given([registered])
      .when(change({ type: 'power-reader', displayName: null, email: 'alice@example.org' }))
      .then(
        [
          {
            type: 'AccountChanged',
            data: { type: { from: 'contributor', to: 'power-reader' }, changed: ['displayName', 'email'] },
            person: { username: 'alice', email: 'alice@example.org' },
          },
        ],
        { changed: true },
      );
  });
  test('of the e-mail address says which one it was before, once (R40)', () => {
    const [before, now] = ['alice@example.org', 'alice@example.com'];
    const events = [registered, changedTo({ email: before }, 'email')];
    const moved = { ...changedTo({ email: now }, 'email'), person: { ...alice, email: now, formerEmail: before } };
    given(events)
      .when(change({ email: now }))
      .then([moved], { changed: true });
    given([...events, moved])
      .when(change({ displayName: null }))
      .then(
        [{ type: 'AccountChanged', data: { changed: ['displayName'] }, person: { username: 'alice', email: now } }],
        {
          changed: true,
        },
      );
    given(events)
      .when(change({ email: null }))
      .then([{ type: 'AccountChanged', data: { changed: ['email'] }, person: { ...alice, formerEmail: before } }], {
        changed: true,
      });
  });
  test('of the e-mail address alone makes it a new one (R43)', () => {
    const times = [
      registered,
      changedTo({ displayName: 'A' }, 'displayName'),
      changedTo({ email: 'a@x' }, 'email'),
    ].map(
      (_, index, events) =>
        events
          .slice(0, index + 1)
          .reduce<Account>((state, event, at) => evolveAccount(state, sealed(event), 100 + at), initialAccount)
          .emailSince,
    );
    expect(times).toEqual([100, 100, 102]);
  });
  test('to what it is already records nothing', () => {
    given([registered])
      .when(change({ type: 'contributor', displayName: 'Alice', email: null, sso: null }))
      .then([], { changed: false });
  });
  test('of the SSO subject names the identity provider that it is of', () => {
    given([registered])
      .when(change({ sso: { subject: '42', issuer: 'https://idp' } }))
      .then([changedTo(idp, 'ssoSubject')], { changed: true });
  });
  test('to the same subject of another identity provider is a change', () => {
    given([registered, changedTo(idp, 'ssoSubject')])
      .when(change({ sso: { subject: '42', issuer: 'https://other' } }))
      .then([changedTo({ ...idp, ssoIssuer: 'https://other' }, 'ssoSubject')]);
  });
  test('takes the subject away with its identity provider', () => {
    given([registered, changedTo(idp, 'ssoSubject')])
      .when(change({ sso: null }))
      .then([changedTo({}, 'ssoSubject')]);
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

describe('suspending', () => {
  const suspended: AccountEvent = { type: 'AccountSuspended', data: {} };
  const resumed: AccountEvent = { type: 'AccountResumed', data: {} };
  const login: AccountCommand = { type: 'RecordLogin', login: { method: 'password', sessionId: 's1' } };

  test('R41 is recorded once, and so is resuming', () => {
    given([registered]).when({ type: 'Suspend' }).then([suspended], { changed: true });
    given([registered, suspended]).when({ type: 'Suspend' }).then([], { changed: false });
    given([registered, suspended]).when({ type: 'Resume' }).then([resumed], { changed: true });
    given([registered]).when({ type: 'Resume' }).then([], { changed: false });
    given([registered, suspended, resumed]).when({ type: 'Suspend' }).then([suspended], { changed: true });
  });
  test('R41 no login is recorded while it lasts, whatever was looked at before', () => {
    given([registered, suspended]).when(login).then([], { refused: 'account-suspended' });
    given([registered, suspended, resumed])
      .when(login)
      .then([{ type: 'LoginSucceeded', data: { method: 'password', sessionId: 's1' } }]);
  });
  test('R41 what happened anyway is recorded while it lasts', () => {
    for (const command of [
      { type: 'RecordFailedLogin', reason: 'wrong-password' },
      { type: 'RecordSessionEnd', sessionId: 's1' },
      { type: 'RecordLogout', sessionId: 's1' },
      { type: 'RecordReAuthentication', sessionId: 's1', secondFactor: false },
    ] as const) {
      expect(decideAccount(command, fold([registered, suspended])).events).toHaveLength(1);
    }
  });
  test('R41 the state knows since when, and keeps all else', () => {
    const before = fold([registered]);
    const during = evolveAccount(before, suspended, 7);
    expect(during).toEqual({ ...before, suspendedAt: 7 });
    const changed = evolveAccount(during, { type: 'PasswordChanged', data: { passwordId: 'p2', sessionId: 's1' } }, 8);
    expect(changed.suspendedAt).toBe(7);
    expect(evolveAccount(during, resumed, 9)).toEqual(before);
  });
});

describe('a hand-over', () => {
  const handOver = { clientId: 'cl1', purpose: 'pass', sessionId: 's1', provedAt: '2026-11-24T09:30:00.000Z' } as const;
  const command: AccountCommand = { type: 'RecordHandOver', handOver };
  const without = { ...registered, data: { type: 'contributor', passwordId: null } } as const;

  test('R34 is of an account without a password, whatever was looked at before', () => {
    given([without])
      .when(command)
      .then([{ type: 'HandedOver', data: handOver }]);
    given([registered]).when(command).then([], noSuchAccount);
    const set: AccountEvent = { type: 'PasswordChanged', data: { passwordId: 'p1', sessionId: null } };
    given([without, set]).when(command).then([], noSuchAccount);
  });
  test('R41 R34 is not of a suspended one', () => {
    given([without, { type: 'AccountSuspended', data: {} }])
      .when(command)
      .then([], { refused: 'account-suspended' });
  });
});

test('a change of somebody who cannot be opened any more is of nobody', () => {
  expect(decideAccount(change({ email: null }), fold([registered]), null)).toEqual({
    events: [],
    answer: noSuchAccount,
  });
});

describe('an account that was never registered', () => {
  test.each<AccountCommand>([
    change({ type: 'power-reader' }),
    { type: 'ChangePassword', checked: 'p1', passwordId: 'p2', sessionId: 's1' },
    { type: 'RecordLogin', login: { method: 'password', sessionId: 's1' } },
    { type: 'RecordFailedLogin', reason: 'wrong-password' },
    {
      type: 'RecordHandOver',
      handOver: { clientId: 'cl1', purpose: 'pass', sessionId: 's1', provedAt: '2026-11-24T09:30:00.000Z' },
    },
    { type: 'RecordReAuthentication', sessionId: 's1', secondFactor: true },
    { type: 'RecordLoginToken', loginTokenId: 't1' },
    { type: 'RecordLogout', sessionId: 's1' },
    { type: 'RecordSessionEnd', sessionId: 's1' },
    { type: 'Suspend' },
    { type: 'Resume' },
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
    [
      { type: 'RecordSessionEnd', sessionId: 's1' },
      { type: 'SessionEnded', data: { sessionId: 's1' } },
    ],
  ])('%j', (command, event) => {
    given([registered]).when(command).then([event], { changed: true });
  });
});

describe('remembered browsers (R39)', () => {
  const login = (browserId: string) => ({ method: 'password+totp', sessionId: `s-${browserId}`, browserId }) as const;
  const succeeded = (browserId: string): AccountEvent => ({ type: 'LoginSucceeded', data: login(browserId) });
  const remembered = (browserId: string): AccountEvent => ({
    type: 'BrowserRemembered',
    data: { browserId, sessionId: `s-${browserId}` },
  });
  const forgotten = (browserId: string, reason: Forgotten): AccountEvent => ({
    type: 'BrowserForgotten',
    data: { browserId, reason },
  });
  const remember = (browserId: string): AccountCommand => ({
    type: 'RecordLogin',
    login: login(browserId),
    remembers: true,
  });
  const use = (browserId: string): AccountCommand => ({ type: 'RecordLogin', login: login(browserId) });

  test('begin with the login that passed a code', () => {
    given([registered])
      .when(remember('b1'))
      .then([succeeded('b1'), remembered('b1')], { changed: true });
  });
  test('log in as long as they are remembered', () => {
    given([registered, remembered('b1')])
      .when(use('b1'))
      .then([succeeded('b1')], { changed: true });
    given([registered, remembered('b1'), forgotten('b1', 'ended')])
      .when(use('b1'))
      .then([], { refused: 'challenge-ended' });
  });
  test('are ten at most: the first gives way', () => {
    const ten = Array.from({ length: 10 }, (_, i) => remembered(`b${i}`));
    given([registered, ...ten])
      .when(remember('more'))
      .then([succeeded('more'), forgotten('b0', 'too-many'), remembered('more')], { changed: true });
  });
  test('are forgotten by name, once', () => {
    const command: AccountCommand = { type: 'ForgetBrowsers', browserIds: ['b1', 'b2'], reason: 'token-reused' };
    given([registered, remembered('b1')])
      .when(command)
      .then([forgotten('b1', 'token-reused')], { changed: true });
    given([registered, remembered('b1'), forgotten('b1', 'ended')])
      .when(command)
      .then([], { changed: false });
  });
  test.each<AccountEvent>([
    { type: 'PasswordChanged', data: { passwordId: 'p2', sessionId: 's1' } },
    { type: 'AccountChanged', data: { type: { from: 'contributor', to: 'power-reader' } }, person: alice },
    { type: 'AccountSuspended', data: {} },
    { type: 'AccountDeleted', data: {} },
  ])('all end by $type', (event) => {
    expect(fold([registered, remembered('b1'), remembered('b2'), event]).browsers).toEqual([]);
  });
  test.each<AccountEvent>([
    changedTo({ displayName: 'A' }, 'displayName'),
    { type: 'LoginFailed', data: { reason: 'wrong-password' } },
    { type: 'LoggedOut', data: { sessionId: 's-b1' } },
    { type: 'SessionEnded', data: { sessionId: 's-b1' } },
  ])('outlive $type', (event) => {
    expect(fold([registered, remembered('b1'), event]).browsers).toEqual(['b1']);
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
        const { events } = decideAccount(change(wanted), state, opened(state));
        state = after(state, events);
        expect(opened(state)).toMatchObject(wanted);
        expect(decideAccount(change(wanted), state, opened(state)).events).toEqual([]);
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
