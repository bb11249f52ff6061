import type { Grant } from '#libs/contracts/src/http/endpoint.js';
import type { ServiceScope } from '#libs/contracts/src/primitives.js';
import type { HandOverPurpose } from '#libs/contracts/src/primitives.js';
import type { Caller } from './caller.js';
import { accessOf, refusalOf } from './access.js';

const session = (administrator: boolean): Caller => ({
  kind: 'session',
  tokenHash: '0'.repeat(64),
  session: {
    sessionId: 's',
    portal: 'mine',
    accountId: 'a',
    username: 'alice',
    type: 'contributor',
    administrator,
    expiresAt: '2026-11-24T09:30:00.000Z',
    proof: { passwordAt: null, authenticatorId: null },
  },
});
const service = (...scopes: ServiceScope[]): Caller => ({ kind: 'service', tokenId: 't', portal: 'mine', scopes });
const callers = {
  anonymous: { kind: 'anonymous' },
  operator: { kind: 'operator' },
  user: session(false),
  administrator: session(true),
  gateway: service('challenges'),
  tool: service('commands', 'events'),
} satisfies Record<string, Caller>;

const decide = (allow: readonly Grant[], caller: Caller, portal?: string) =>
  refusalOf(accessOf({ allow }), caller, portal);

describe('who may make a call', () => {
  it.each<[Grant, readonly (keyof typeof callers)[]]>([
    ['public', ['anonymous', 'operator', 'user', 'administrator', 'gateway', 'tool']],
    ['operator', ['operator']],
    ['session', ['user', 'administrator']],
    ['administrator', ['administrator']],
    ['service:challenges', ['gateway']],
    ['service:commands', ['tool']],
    ['service:events', ['tool']],
  ])('%s: %j and nobody else', (grant, admitted) => {
    for (const [name, caller] of Object.entries(callers)) {
      const expected = admitted.includes(name as keyof typeof callers)
        ? null
        : name === 'anonymous'
          ? 'unauthenticated'
          : 'forbidden';
      expect([name, decide([grant], caller, 'mine')]).toEqual([name, expected]);
      expect([name, decide([grant], caller)]).toEqual([name, expected]);
    }
  });

  it('any one of several grants is enough', () => {
    const allow: Grant[] = ['administrator', 'service:commands', 'operator'];
    expect(decide(allow, callers.administrator, 'mine')).toBeNull();
    expect(decide(allow, callers.tool, 'mine')).toBeNull();
    expect(decide(allow, callers.operator, 'mine')).toBeNull();
    expect(decide(allow, callers.user, 'mine')).toBe('forbidden');
    expect(decide(allow, callers.gateway, 'mine')).toBe('forbidden');
  });

  it("another portal's path does not exist, for whoever belongs to a portal", () => {
    for (const allow of [['administrator'], ['session'], ['operator'], ['service:commands']] as Grant[][]) {
      for (const name of ['user', 'administrator', 'gateway', 'tool'] as const) {
        expect([name, decide(allow, callers[name], 'theirs')]).toEqual([name, 'not-found']);
      }
    }
    expect(decide(['operator'], callers.operator, 'theirs')).toBeNull();
  });

  it('R37 a session that can only set up 2FA makes the calls that say so, whatever its account may do, and no other', () => {
    const caller = session(true) as Extract<Caller, { kind: 'session' }>;
    const limited: Caller = { ...caller, session: { ...caller.session, enrolmentRequired: true } };
    const decideFor = (allow: Grant[], enrolling?: true) =>
      refusalOf(accessOf(enrolling ? { allow, enrolling } : { allow }), limited, 'mine');
    for (const grant of ['session', 'administrator', 'operator', 'service:commands'] as const)
      expect([grant, decideFor([grant])]).toEqual([grant, 'enrolment-required']);
    expect(decideFor(['session'], true)).toBeNull();
    expect(decideFor(['operator'], true)).toBe('forbidden');
    expect(refusalOf(accessOf({ allow: ['session'] }), limited, 'theirs')).toBe('not-found');
  });

  it('R34 a session by hand-over makes the calls that are open to what it is for, and no other', () => {
    const caller = session(true) as Extract<Caller, { kind: 'session' }>;
    const decideFor = (handOver: HandOverPurpose, handOverFor?: HandOverPurpose, enrolling?: true) => {
      const handed: Caller = { ...caller, session: { ...caller.session, handOver } };
      const endpoint = {
        allow: ['session'] as const,
        ...(handOverFor && { handOverFor }),
        ...(enrolling && { enrolling }),
      };
      return refusalOf(accessOf(endpoint), handed, 'mine');
    };
    expect([decideFor('pass', 'pass'), decideFor('manage', 'pass'), decideFor('manage', 'manage')]).toEqual([
      null,
      null,
      null,
    ]);
    expect([decideFor('pass', 'manage'), decideFor('pass'), decideFor('manage')]).toEqual(Array(3).fill('forbidden'));
    expect(decideFor('manage', undefined, true)).toBe('forbidden');
  });
});
