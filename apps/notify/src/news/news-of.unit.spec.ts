import { accountEvents } from '#libs/contracts/src/events/identity.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import type { EventContract, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { anEvent } from '#libs/contracts/src/testing/events.js';
import { byOf, newsOf, typesOfNews } from './news-of.js';

const contracts: readonly EventContract[] = [...Object.values(accountEvents), ...Object.values(twoFactorEvents)];
const of = ({ type, example }: EventContract, changes: Partial<RecordedEvent> = {}) =>
  newsOf(anEvent({ type, account: 'a1', id: 'c1.1', data: example as Record<string, unknown>, ...changes }));
const { TwoFactorDisabled, SecretIssued, BackupCodesIssued, BackupCodeUsed, AccountLocked } = twoFactorEvents;
const { AccountChanged, BrowserForgotten, PasswordChanged } = accountEvents;

describe('what people hear of', () => {
  it('is what R40 names, and nothing else', () => {
    const told = contracts.filter(({ type }) => typesOfNews.includes(type)).map(({ name }) => name);
    expect(told.sort()).toEqual(
      [
        'AccountChanged',
        'AccountLocked',
        'AuthenticatorAdded',
        'AuthenticatorRemoved',
        'BackupCodeUsed',
        'BackupCodesIssued',
        'BrowserForgotten',
        'BrowserRemembered',
        'PasswordChanged',
        'SecretIssued',
        'TwoFactorDisabled',
        'TwoFactorEnabled',
      ].sort(),
    );
  });

  it.each([
    ['a pending setup that is dropped', TwoFactorDisabled, { data: { secretId: 'k7', was: 'pending' } }],
    ['a secret of a first setup', SecretIssued, {}],
    ['a secret of one more authenticator', SecretIssued, { data: { secretId: 'k7', reason: 'add', sessionId: 's1' } }],
    ['backup codes that come with 2FA', BackupCodesIssued, { id: 'c1.2' }],
    ['a browser that somebody ended', BrowserForgotten, {}],
    ['a change of the type', AccountChanged, {}],
    ['a change of the display name', AccountChanged, { data: { changed: ['displayName'] } }],
  ] as const)('is not %s', (_, contract, changes) => {
    expect(of(contract, changes as Partial<RecordedEvent>)).toBeNull();
  });

  it.each([
    [TwoFactorDisabled, {}, { kind: 'two-factor-disabled', by: 'system' }],
    [SecretIssued, { data: { secretId: 'k7', reason: 'reset', sessionId: 's1' } }, { kind: 'two-factor-reset' }],
    [BackupCodesIssued, {}, { kind: 'backup-codes-made' }],
    [BackupCodeUsed, {}, { kind: 'backup-code-used', left: 9 }],
    [AccountLocked, {}, { kind: 'locked', endsAt: '2026-11-24T09:45:00.000Z' }],
    [AccountLocked, { data: { failedAttempts: 5, maxFailedAttempts: 5 } }, { kind: 'locked', endsAt: null }],
    [PasswordChanged, {}, { kind: 'password-changed', byLink: false }],
    [PasswordChanged, { data: { passwordId: 'p2', sessionId: null } }, { kind: 'password-changed', byLink: true }],
    [
      AccountChanged,
      { data: { changed: ['email', 'displayName', 'username'] } },
      { kind: 'username-or-email-changed', changed: ['username', 'email'], by: 'system' },
    ],
  ] as const)('says the data of %p', (contract, changes, expected) => {
    expect(of(contract, changes as Partial<RecordedEvent>)).toEqual(expected);
  });

  it('says who did it: an administrator only if it is another', () => {
    expect(byOf({ kind: 'administrator', id: 'a1' }, 'a1')).toBe('person');
    expect(byOf({ kind: 'administrator', id: 'a2' }, 'a1')).toBe('administrator');
    expect(byOf({ kind: 'user', id: 'a1' }, 'a1')).toBe('person');
    expect(byOf({ kind: 'anonymous' }, 'a1')).toBe('person');
    for (const kind of ['operator', 'service', 'system'] as const) expect(byOf({ kind }, 'a1')).toBe(kind);
  });
});
