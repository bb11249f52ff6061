import fc from 'fast-check';
import {
  type AdminPolicyEvent,
  adminPolicyEvents,
  initialProfile as plain,
  initialTwoFactorSettings as off,
  type PortalProfileChange,
  type SsoSettings,
  type TwoFactorSettingsChange,
} from '#libs/contracts/src/events/admin-policy.js';
import { isRefusal } from '#libs/contracts/src/problems.js';
import { specFor } from '#libs/event-store/src/testing/given-when-then.js';
import { decide, type PolicyChange } from './decide.js';
import { evolve, initial, isEffective, isGood, type PortalPolicy } from './state.js';

const NOW = Date.UTC(2026, 10, 24);
const after = (state: PortalPolicy, events: readonly AdminPolicyEvent[]) =>
  events.reduce((folded, event) => evolve(folded, event, NOW), state);

const policy = specFor({ initial, evolve }, (change: PolicyChange, state: PortalPolicy) => {
  const { events, answer } = decide(change, state, NOW);
  // what the policy is from then on follows from the events
  if (!isRefusal(answer)) expect(answer.policy).toEqual(after(state, events));
  return { events, answer: isRefusal(answer) ? answer.refused : 'accepted' };
});

const on = { ...off, enabled: true };
const granted: AdminPolicyEvent = { type: 'AddOnGranted', data: { addOn: 'enterprise-security' } };
const revoked: AdminPolicyEvent = { type: 'AddOnRevoked', data: { addOn: 'enterprise-security' } };
const turnedOn: AdminPolicyEvent = { type: 'SettingsChanged', data: { from: off, to: on } };
const change = (to: TwoFactorSettingsChange): PolicyChange => ({ type: 'ChangeTwoFactorSettings', to });
const show = (to: PortalProfileChange): PolicyChange => ({ type: 'ChangeProfile', to });
const issue: PolicyChange = {
  type: 'IssueServiceToken',
  tokenId: 't1',
  name: 'vpn',
  scopes: ['challenges'],
  publicKey: true,
};
const issued: AdminPolicyEvent = {
  type: 'ServiceTokenIssued',
  data: { tokenId: 't1', name: 'vpn', scopes: ['challenges'], publicKey: true },
};
const ended: AdminPolicyEvent = { type: 'ServiceTokenRevoked', data: { tokenId: 't1' } };
const idp: SsoSettings = { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' };

const fold = (...events: AdminPolicyEvent[]): PortalPolicy => after(initial, events);

describe('two-factor settings', () => {
  it('are off, with five attempts, until somebody changes them (R01, R02)', () => {
    expect(initial.twoFactor).toEqual(off);
    expect(isEffective(initial)).toBe(false);
  });
  it('are turned on with the add-on, told from what to what (R04)', () =>
    policy.given([granted]).when(change(on)).then([turnedOn], 'accepted'));
  it('cannot be turned on without the add-on (R03)', () =>
    policy.given([]).when(change(on)).then([], 'add-on-required'));
  it('cannot stay on by a change of the limit once the add-on has ended', () =>
    policy
      .given([granted, turnedOn, revoked])
      .when(change({ ...on, maxFailedAttempts: 3 }))
      .then([], 'add-on-required'));
  it('refuse even what is already so while the add-on is missing', () =>
    policy.given([granted, turnedOn, revoked]).when(change(on)).then([], 'add-on-required'));
  it('can be turned off, and the limit changed, without the add-on', () =>
    policy
      .given([granted, turnedOn, revoked])
      .when(change({ ...off, maxFailedAttempts: 9 }))
      .then([{ type: 'SettingsChanged', data: { from: on, to: { ...off, maxFailedAttempts: 9 } } }]));
  it('write nothing when nothing changes', () =>
    policy.given([granted, turnedOn]).when(change(on)).then([], 'accepted'));
  it('act as off while the add-on is missing, and are as they were when it returns', () => {
    const without = fold(granted, turnedOn, revoked);
    expect([without.twoFactor, isEffective(without)]).toEqual([on, false]);
    expect(isEffective(after(without, [granted]))).toBe(true);
  });
});

describe('the add-on', () => {
  it('is granted', () => policy.given([]).when({ type: 'GrantAddOn' }).then([granted], 'accepted'));
  it('is granted once', () => policy.given([granted]).when({ type: 'GrantAddOn' }).then([], 'accepted'));
  it('is revoked', () => policy.given([granted]).when({ type: 'RevokeAddOn' }).then([revoked], 'accepted'));
  it('is revoked once', () => policy.given([granted, revoked]).when({ type: 'RevokeAddOn' }).then([], 'accepted'));
});

describe('the profile', () => {
  const acme = { ...plain, displayName: 'Acme', supportContact: 'help@acme.example' };
  const shown: AdminPolicyEvent = { type: 'ProfileChanged', data: { from: plain, to: acme } };

  it('says nothing until somebody sets it', () =>
    expect(initial.profile).toEqual({ displayName: null, issuer: null, language: null, supportContact: null }));
  it('changes, told from what to what (R04)', () => policy.given([]).when(show(acme)).then([shown], 'accepted'));
  it('keeps what a change leaves out, and loses what it clears', () =>
    policy
      .given([shown])
      .when(show({ displayName: null, language: 'de' }))
      .then([
        { type: 'ProfileChanged', data: { from: acme, to: { ...acme, displayName: null, language: 'de' as const } } },
      ]));
  it.each([{ ...acme }, {}, { displayName: 'Acme' }])('writes nothing when nothing changes: %j', (to) =>
    policy.given([shown]).when(show(to)).then([], 'accepted'),
  );
  it('is another thing than the two-factor settings', () =>
    expect(fold(granted, shown, turnedOn)).toMatchObject({ twoFactor: on, profile: acme, addOn: true }));
  it('is whole where it was recorded before there were all members', () => {
    const { language: _, ...older } = acme;
    const recorded = { type: 'ProfileChanged', data: { from: plain, to: older } } as AdminPolicyEvent;
    expect(fold(recorded).profile).toEqual(acme);
  });
});

describe('the identity provider', () => {
  const trusted: AdminPolicyEvent = { type: 'SsoChanged', data: { from: null, to: idp } };
  it('changes, told from what to what', () =>
    policy
      .given([])
      .when({ type: 'ChangeSso', to: idp })
      .then([{ type: 'SsoChanged', data: { from: null, to: idp } }], 'accepted'));
  it('writes nothing when nothing changes', () =>
    policy
      .given([trusted])
      .when({ type: 'ChangeSso', to: { ...idp } })
      .then([], 'accepted'));
  it('is removed', () =>
    policy
      .given([trusted])
      .when({ type: 'RemoveSso' })
      .then([{ type: 'SsoRemoved', data: { from: idp } }], 'accepted'));
  it('is removed once', () =>
    policy
      .given([trusted, { type: 'SsoRemoved', data: { from: idp } }])
      .when({ type: 'RemoveSso' })
      .then([], 'accepted'));

  const client = { ...idp, clientId: 'ours' };
  const withSecret = { ...client, clientSecretId: 's1' };
  const known: AdminPolicyEvent = { type: 'SsoChanged', data: { from: idp, to: withSecret } };
  const changed = (to: SsoSettings): AdminPolicyEvent => ({ type: 'SsoChanged', data: { from: withSecret, to } });
  it('keeps the secret of its client, whatever else changes', () => {
    const to = { ...client, audience: 'other', jwksUri: 'https://idp.example/other' };
    policy
      .given([known])
      .when({ type: 'ChangeSso', to })
      .then([changed({ ...to, clientSecretId: 's1' })]);
    policy.given([known]).when({ type: 'ChangeSso', to: client }).then([], 'accepted');
  });
  it.each([{ ...client, issuer: 'https://evil.example' }, { ...client, clientId: 'another' }, { ...idp }])(
    'gives the secret to no other client: %j',
    (to) =>
      policy
        .given([known])
        .when({ type: 'ChangeSso', to })
        .then([changed(to)]),
  );
  it('takes another secret, and none', () => {
    policy
      .given([known])
      .when({ type: 'ChangeSso', to: client, clientSecretId: 's2' })
      .then([changed({ ...client, clientSecretId: 's2' })]);
    policy
      .given([known])
      .when({ type: 'ChangeSso', to: client, clientSecretId: null })
      .then([changed(client)]);
  });
});

describe('a service token', () => {
  it('is issued', () => policy.given([]).when(issue).then([issued], 'accepted'));
  it('is good from its event on, until it is revoked', () => {
    const goodAt = (state: PortalPolicy, at = NOW) => isGood(state, 't1', at);
    expect([goodAt(initial), goodAt(fold(issued)), goodAt(fold(issued, ended))]).toEqual([false, true, false]);
  });
  it('is good until it expires, if it does', () => {
    const expiresAt = new Date(NOW + 1_000).toISOString();
    policy
      .given([])
      .when({ ...issue, expiresAt })
      .then([{ ...issued, data: { ...issued.data, expiresAt } }], 'accepted');
    const expiring = fold({ ...issued, data: { ...issued.data, expiresAt } });
    expect([0, 999, 1_000].map((ms) => isGood(expiring, 't1', NOW + ms))).toEqual([true, true, false]);
    expect(isGood(fold(issued), 't1', Number.MAX_SAFE_INTEGER)).toBe(true);
  });
  it('is revoked', () =>
    policy.given([issued]).when({ type: 'RevokeServiceToken', tokenId: 't1' }).then([ended], 'accepted'));
  it('may be revoked again by who did not hear that it was', () =>
    policy.given([issued, ended]).when({ type: 'RevokeServiceToken', tokenId: 't1' }).then([], 'accepted'));
  it('that is revoked leaves nothing behind: the state does not grow', () =>
    expect(fold(issued, ended).serviceTokens).toEqual([]));
});

describe('any history', () => {
  const settings = fc.record({ enabled: fc.boolean(), maxFailedAttempts: fc.integer({ min: 1, max: 100 }) });
  const tokenId = fc.constantFrom('a', 'b', 'c');
  const anyChange: fc.Arbitrary<PolicyChange> = fc.oneof(
    settings.map((to) => ({ type: 'ChangeTwoFactorSettings' as const, to })),
    fc
      .record(
        {
          displayName: fc.constantFrom(null, 'Acme', 'Globex'),
          issuer: fc.constantFrom(null, 'Acme VPN'),
          language: fc.constantFrom(null, 'en' as const, 'de' as const),
          supportContact: fc.constantFrom(null, '+49 30 1234'),
        },
        { requiredKeys: [] },
      )
      .map(show),
    fc.constantFrom('GrantAddOn' as const, 'RevokeAddOn' as const).map((type) => ({ type })),
    fc.constantFrom('https://a.example/k', 'https://b.example/k').map((jwksUri) => ({
      type: 'ChangeSso' as const,
      to: { ...idp, jwksUri },
    })),
    tokenId.map((id) => ({ type: 'IssueServiceToken' as const, tokenId: id, name: 'n', scopes: [], publicKey: false })),
    tokenId.map((id) => ({ type: 'RevokeServiceToken' as const, tokenId: id })),
  );
  const apply = (state: PortalPolicy, command: PolicyChange) => {
    const { events, answer } = decide(command, state, NOW);
    const outcome = isRefusal(answer) ? answer.refused : 'accepted';
    return { events, outcome, state: after(state, events) };
  };

  it('says the same twice: a repeated change writes nothing', () => {
    const repeatable = anyChange.filter(({ type }) => type !== 'IssueServiceToken');
    fc.assert(
      fc.property(fc.array(anyChange), repeatable, (before, command) => {
        const state = before.reduce<PortalPolicy>((folded, each) => apply(folded, each).state, initial);
        const first = apply(state, command);
        const second = apply(first.state, command);
        expect([second.events, second.outcome]).toEqual([[], first.outcome]);
      }),
    );
  });

  it('never turns 2FA on without the add-on, and makes only events that fit their contract', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 30 }), (commands) => {
        let state = initial;
        for (const command of commands) {
          const { addOn } = state;
          const step = apply(state, command);
          for (const { type, data } of step.events) {
            adminPolicyEvents[type].schema.parse(data);
            if (type === 'SettingsChanged' && data.to.enabled) expect(addOn).toBe(true);
          }
          ({ state } = step);
        }
      }),
    );
  });
});
