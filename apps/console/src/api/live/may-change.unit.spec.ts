import { mayChange } from './may-change.js';

const locked = { type: 'two-factor.account-locked.v1', portal: 'demo', account: 'a1' } as const;
const appointed = { type: 'identity.administrator-appointed.v1', portal: 'demo' } as const;
const changed = { type: 'admin-policy.settings-changed.v1', portal: 'demo' } as const;
const shown = { type: 'admin-policy.profile-changed.v1', portal: 'demo' } as const;
const issued = { type: 'admin-policy.service-token-issued.v1', portal: 'demo' } as const;
const registered = { type: 'admin-policy.client-registered.v1', portal: 'demo' } as const;
const renamed = { type: 'identity.account-changed.v2', portal: 'demo', account: 'a1' } as const;

describe('an event', () => {
  it.each([
    [locked, ['accounts', 'demo', 'found', '', ''], true],
    [locked, ['accounts', 'demo', 'one', 'a1'], true],
    [locked, ['accounts', 'demo', 'one', 'a2'], false],
    [locked, ['accounts', 'demo', 'name', 'a1'], false],
    [locked, ['accounts', 'demo', 'like', 'al'], false],
    [locked, ['accounts', 'other', 'one', 'a1'], false],
    [locked, ['settings', 'demo'], false],
    [locked, ['me'], false],
    [locked, ['me', 'two-factor'], false],
    [locked, ['operator', 'portals', '', ''], false],
    [locked, ['service-tokens', 'demo', ''], false],
    [issued, ['service-tokens', 'demo', ''], true],
    [issued, ['service-tokens', 'other', ''], false],
    [issued, ['operator', 'service-tokens', 'demo', ''], false],
    [issued, ['clients', 'demo', ''], false],
    [registered, ['clients', 'demo', ''], true],
    [registered, ['clients', 'other', ''], false],
    [renamed, ['accounts', 'demo', 'name', 'a1'], true],
    [renamed, ['accounts', 'demo', 'name', 'a2'], false],
    [renamed, ['accounts', 'demo', 'like', 'al'], true],
    [appointed, ['accounts', 'demo', 'one', 'a2'], true],
    [appointed, ['me'], true],
    [changed, ['settings', 'demo'], true],
    [changed, ['settings', 'other'], false],
    [changed, ['face', 'demo'], false],
    [shown, ['face', 'demo'], true],
    [shown, ['face', 'other'], false],
    [shown, ['settings', 'demo', 'profile'], true],
    [changed, ['me', 'two-factor'], true],
  ] as const)('%j may change what is kept under %j: %p', (event, key, expected) => {
    expect(mayChange(event, key, 'admin')).toBe(expected);
  });

  it('of the own account may change what is one’s own', () => {
    expect(mayChange(locked, ['me', 'two-factor'], 'a1')).toBe(true);
  });

  it('of a session may change the lists of sessions of its person, and no other', () => {
    const ended = { type: 'identity.session-ended.v1', portal: 'demo', account: 'a1' } as const;
    const ofAccount = (id: string) => ['accounts', 'demo', 'one', id, 'sessions'];
    expect(mayChange(ended, ['me', 'sessions'], 'a1')).toBe(true);
    expect(mayChange(ended, ['me', 'sessions'], 'admin')).toBe(false);
    expect(mayChange(ended, ofAccount('a1'), 'admin')).toBe(true);
    expect(mayChange(ended, ofAccount('a2'), 'admin')).toBe(false);
  });
});
