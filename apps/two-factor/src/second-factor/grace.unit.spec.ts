import fc from 'fast-check';
import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import { isRefusal } from '#libs/contracts/src/problems.js';
import type { Sealed } from '#libs/event-store/src/decision.js';
import { aPolicy } from '../testing/policies.js';
import { anAuthenticator, enabledWith } from '../testing/states.js';
import { decide, type Command } from './decide.js';
import type { AccountPolicy } from './policy.js';
import { evolve, initial, type SecondFactor } from './state.js';

const DAY = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const iso = (at: number) => new Date(at).toISOString();

/** One account of a portal that requires 2FA. */
class Required {
  now = start;
  private made = 0;

  constructor(
    public state: SecondFactor = initial,
    public policy: AccountPolicy = aPolicy({ required: true, graceDays: 7 }),
  ) {}

  play<C extends Command>(command: C) {
    const { events, answer } = decide(command, this.state, this.now);
    for (const event of events) this.state = evolve(this.state, event as Sealed<TwoFactorEvent>, this.now);
    return { events, answer };
  }

  prove(purpose: 'login' | 'gateway' = 'login') {
    return this.play({ type: 'OpenChallenge', purpose, policy: this.policy, challengeId: `c${++this.made}` });
  }

  setUp() {
    this.play({ type: 'SetUp', policy: this.policy, proof: this.proof, secretId: 'k2' });
    const timeStep = Math.floor(this.now / 30_000);
    const evidence = { kind: 'totp', matches: [{ authenticatorId: 'k2', timeStep }] } as const;
    return this.play({ type: 'Confirm', policy: this.policy, proof: this.proof, more: false, evidence, setId: 'b2' });
  }

  reset() {
    return this.play({ type: 'Reset', policy: this.policy, proof: this.proof, secretId: 'k3' });
  }

  disable() {
    return this.play({ type: 'Disable', policy: this.policy, proof: this.proof });
  }

  private get proof() {
    const { enrolment } = this.state;
    const authenticatorId = enrolment.status === 'enabled' ? enrolment.id : null;
    return { sessionId: 's1', passwordAt: this.now, authenticatorId };
  }
}

describe('the time of grace', () => {
  it.each(['login', 'gateway'] as const)('begins with the first %s, and tells its end', (purpose) => {
    const account = new Required();
    const graceEndsAt = iso(start + 7 * DAY);
    expect(account.prove(purpose)).toEqual({
      events: [{ type: 'GraceBegan', data: { endsAt: graceEndsAt, graceDays: 7 } }],
      answer: { required: false, enrolment: { graceEndsAt, isOver: false } },
    });
    account.now += 7 * DAY - 1;
    expect(account.prove(purpose)).toEqual({
      events: [],
      answer: { required: false, enrolment: { graceEndsAt, isOver: false } },
    });
  });

  it('is over at its end: a login goes on to set up 2FA, a gateway is refused', () => {
    const account = new Required();
    account.prove();
    account.now += 7 * DAY;
    expect(account.prove('login')).toEqual({
      events: [],
      answer: { required: false, enrolment: { graceEndsAt: iso(start + 7 * DAY), isOver: true } },
    });
    expect(account.prove('gateway')).toEqual({ events: [], answer: { refused: 'enrolment-required' } });
  });

  it('of no days is over as it begins, and recorded also where a gateway is refused', () => {
    const account = new Required(initial, aPolicy({ required: true, graceDays: 0 }));
    expect(account.prove('gateway')).toEqual({
      events: [{ type: 'GraceBegan', data: { endsAt: iso(start), graceDays: 0 } }],
      answer: { refused: 'enrolment-required' },
    });
    account.now -= DAY;
    expect(account.prove().answer).toMatchObject({ enrolment: { isOver: true } });
  });

  it.each([
    ['2FA is not required', { required: false }],
    ['2FA is off', { enabled: false }],
    ['there is no add-on', { addOn: false }],
    ['it is a Power Reader', { contributor: false }],
  ])('neither begins nor limits anybody while %s', (_, change) => {
    const account = new Required(initial, aPolicy({ required: true, graceDays: 7, ...change }));
    expect(account.prove()).toEqual({ events: [], answer: { required: false } });
    account.policy = aPolicy({ required: true, graceDays: 7 });
    account.prove();
    account.now += 8 * DAY;
    account.policy = { ...account.policy, ...change };
    expect(account.prove('gateway')).toEqual({ events: [], answer: { required: false } });
  });

  it('does not begin for who is asked for a code, suspended or locked: these come first (R41)', () => {
    const required = aPolicy({ required: true });
    expect(new Required(enabledWith()).prove()).toMatchObject({ events: [], answer: { required: true } });
    const suspended = { ...required, suspension: { active: true, version: 1 } };
    expect(new Required(initial, suspended).prove()).toEqual({ events: [], answer: { refused: 'account-suspended' } });
    expect(new Required({ ...initial, lockedAt: start }, required).prove()).toEqual({
      events: [],
      answer: { refused: 'account-locked' },
    });
  });

  it('is over for who disables or resets their own after it, and their session is told so', () => {
    for (const end of ['disable', 'reset'] as const) {
      const account = new Required();
      account.prove();
      account.setUp();
      account.now += 7 * DAY;
      const { events } = account[end]();
      expect([end, events[0]?.data]).toEqual([end, expect.objectContaining({ enrolmentRequired: true })]);
      account.now -= DAY;
      expect(account.prove().answer).toMatchObject({ enrolment: { isOver: true } });
    }
  });

  it('says nothing of who disables within it, after it where 2FA is no longer required, or a setup that was never confirmed', () => {
    const within = new Required();
    within.prove();
    within.setUp();
    expect(within.disable().events[0]?.data).not.toHaveProperty('enrolmentRequired');
    const without = new Required();
    without.prove();
    without.setUp();
    without.now += 8 * DAY;
    without.policy = aPolicy();
    expect(without.disable().events[0]?.data).not.toHaveProperty('enrolmentRequired');
    const pending = new Required();
    pending.prove();
    pending.now += 8 * DAY;
    pending.play({
      type: 'SetUp',
      policy: pending.policy,
      proof: { sessionId: 's1', passwordAt: pending.now, authenticatorId: null },
      secretId: 'k2',
    });
    expect(pending.disable().events[0]?.data).not.toHaveProperty('enrolmentRequired');
  });

  it('is a day more from when an administrator disables after it, and what it was when before', () => {
    const before = new Required();
    before.prove();
    before.setUp();
    before.now += 7 * DAY - 1;
    expect(before.play({ type: 'DisableForUser' }).events[0]?.data).not.toHaveProperty('graceEndsAt');
    const after = new Required();
    after.prove();
    after.setUp();
    after.now += 30 * DAY;
    const graceEndsAt = iso(after.now + DAY);
    expect(after.play({ type: 'DisableForUser' }).events[0]?.data).toMatchObject({ graceEndsAt });
    expect(after.prove().answer).toEqual({ required: false, enrolment: { graceEndsAt, isOver: false } });
    after.now += DAY;
    expect(after.prove().answer).toMatchObject({ enrolment: { isOver: true } });
    const never = new Required(enabledWith([anAuthenticator()]));
    expect(never.play({ type: 'DisableForUser' }).events[0]?.data).not.toHaveProperty('graceEndsAt');
  });
});

it('no order of logins, resets, disables, policies and clocks moves or renews a time of grace, but an administrator who disables after it', () => {
  const moves = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('clock' as const), ms: fc.integer({ min: -DAY, max: 4 * DAY }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('policy' as const),
        policy: fc
          .record({
            required: fc.boolean(),
            graceDays: fc.constantFrom(0, 1, 7),
            enabled: fc.boolean(),
            contributor: fc.boolean(),
            addOn: fc.boolean(),
          })
          .map(aPolicy),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'login' as const,
          'gateway' as const,
          'setUp' as const,
          'reset' as const,
          'disable' as const,
          'force' as const,
        ),
      }),
    },
  );
  fc.assert(
    fc.property(fc.array(moves, { maxLength: 60 }), (sequence) => {
      const account = new Required();
      let endsAt: string | undefined;
      let wasOver = false;
      for (const move of sequence) {
        if (move.kind === 'clock') account.now += move.ms;
        else if (move.kind === 'policy') account.policy = move.policy;
        else if (move.kind === 'force') {
          const [event] = account.play({ type: 'DisableForUser' }).events;
          const { graceEndsAt } = (event?.data ?? {}) as { graceEndsAt?: string };
          if (graceEndsAt === undefined) continue;
          expect([wasOver || account.now >= Date.parse(endsAt!), graceEndsAt]).toEqual([true, iso(account.now + DAY)]);
          [endsAt, wasOver] = [graceEndsAt, false];
        } else if (move.kind === 'login' || move.kind === 'gateway') {
          const { events, answer } = account.prove(move.kind);
          if (events.length > 0) {
            expect(endsAt).toBeUndefined();
            const { required, enabled, addOn, contributor, graceDays } = account.policy;
            expect([required, enabled, addOn, contributor]).toEqual([true, true, true, true]);
            endsAt = iso(account.now + graceDays * DAY);
            if (graceDays === 0) wasOver = true;
          }
          const over = wasOver || (endsAt !== undefined && account.now >= Date.parse(endsAt));
          if (isRefusal(answer))
            expect([move.kind, answer.refused, over]).toEqual(['gateway', 'enrolment-required', true]);
          else if (!answer.required && answer.enrolment)
            expect(answer.enrolment).toEqual({ graceEndsAt: endsAt, isOver: over });
        } else {
          const [event] = account[move.kind]().events;
          const { enrolmentRequired } = (event?.data ?? {}) as { enrolmentRequired?: true };
          if (!enrolmentRequired) continue;
          expect(wasOver || account.now >= Date.parse(endsAt!)).toBe(true);
          wasOver = true;
        }
      }
    }),
    { numRuns: 500 },
  );
});
