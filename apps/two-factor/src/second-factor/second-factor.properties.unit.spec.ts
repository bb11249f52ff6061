import { totp } from '../testing/evidence.js';
import { aPolicy } from '../testing/policies.js';
import fc from 'fast-check';
import type { Challenge, Evidence } from './attempts.js';
import { type Command, decide } from './decide.js';
import { isRefusal } from '#libs/contracts/src/problems.js';
import { MOST_TOTP_AUTHENTICATORS, STANDARD_TOTP } from '#libs/contracts/src/limits.js';
import type { TwoFactorEvent as Decided } from '#libs/contracts/src/events/two-factor.js';
import type { Sealed } from '#libs/event-store/src/decision.js';
import type { AccountPolicy, Proof } from './policy.js';
import { authenticatorsOf, evolve, initial, pendingSetup, type SecondFactor, secretsNamed } from './state.js';

type TwoFactorEvent = Sealed<Decided>;

/** What may happen, in terms that a small model can follow. */
type Move =
  | { kind: 'clock'; seconds: number }
  | { kind: 'policy'; policy: AccountPolicy }
  | { kind: 'suspension'; active: boolean }
  | { kind: 'setUp' | 'reset' | 'backupCodes' | 'disable' | 'disableForUser' | 'unlock' | 'open' }
  | { kind: 'confirm'; step: number | null }
  | { kind: 'add' }
  | { kind: 'import'; by: string; apps: number; registered: boolean }
  | { kind: 'settle'; by: string | null }
  | { kind: 'discard' }
  | { kind: 'confirmOneMore'; step: number | null }
  | { kind: 'rename' | 'remove'; which: number }
  /** `also`: another authenticator has the same code, of its own time step. */
  | { kind: 'totp'; challenge: number; which: number; step: number | null; also: number | null }
  | { kind: 'backupCode'; challenge: number; index: number | null }
  | { kind: 'malformed'; challenge: number };

const mostly = fc.integer({ min: 0, max: 9 }).map((n) => n > 0);
const policies = fc
  .record({ enabled: mostly, maxFailedAttempts: fc.integer({ min: 1, max: 4 }), addOn: mostly, contributor: mostly })
  .map(aPolicy);
/** Steps around the present one; null is a code of no step. */
const step = fc.option(fc.integer({ min: -1, max: 1 }), { freq: 1 });
/** Which challenge is answered: 0 is the newest. */
const challenge = fc.nat({ max: 2 });
/** Which authenticator, by its place; the last again for what is beyond. */
const which = fc.nat({ max: 3 });
const another = fc.option(which);
const importing = fc.constantFrom('i1', 'i2');
const seconds = fc.oneof({ weight: 4, arbitrary: fc.constant(30) }, fc.integer({ min: -400, max: 400 }));
const weighted = (weight: number, arbitrary: fc.Arbitrary<Move>) => ({ weight, arbitrary });
const kind = <K extends Move['kind']>(name: K) => fc.constant(name);
const moves: fc.Arbitrary<Move> = fc.oneof(
  weighted(4, fc.record({ kind: kind('clock'), seconds })),
  weighted(1, fc.record({ kind: kind('policy'), policy: policies })),
  weighted(1, fc.record({ kind: kind('suspension'), active: mostly.map((not) => !not) })),
  weighted(
    1,
    fc.constantFrom<Move>({ kind: 'setUp' }, { kind: 'reset' }, { kind: 'disable' }, { kind: 'disableForUser' }),
  ),
  weighted(1, fc.constant({ kind: 'backupCodes' })),
  weighted(2, fc.constant({ kind: 'unlock' })),
  weighted(4, fc.constant({ kind: 'open' })),
  weighted(3, fc.record({ kind: kind('confirm'), step })),
  weighted(2, fc.constant({ kind: 'add' })),
  weighted(
    2,
    fc.record({
      kind: kind('import'),
      by: importing,
      apps: fc.integer({ min: 1, max: 3 }),
      registered: mostly.map((not) => !not),
    }),
  ),
  weighted(1, fc.record({ kind: kind('settle'), by: fc.option(importing, { nil: null }) })),
  weighted(1, fc.constant({ kind: 'discard' })),
  weighted(3, fc.record({ kind: kind('confirmOneMore'), step })),
  weighted(1, fc.record({ kind: fc.constantFrom('rename' as const, 'remove' as const), which })),
  weighted(12, fc.record({ kind: kind('totp'), challenge, which, step, also: another })),
  weighted(4, fc.record({ kind: kind('backupCode'), challenge, index: fc.option(fc.nat({ max: 3 }), { nil: null }) })),
  weighted(1, fc.record({ kind: kind('malformed'), challenge })),
);

const start = Date.UTC(2026, 10, 24);
const proofAt = (now: number): Proof => ({ sessionId: 's1', passwordAt: now, authenticatorId: null });

/** Plays the moves against the domain, and hands each decision to the check. */
function play(sequence: readonly Move[], check: (turn: Turn) => void): Played {
  let state: SecondFactor = initial;
  let now = start;
  let policy = aPolicy();
  let made = 0;
  let lastAt = 0;
  const challenges: Challenge[] = [];
  const log: { event: TwoFactorEvent; at: number }[] = [];

  for (const move of sequence) {
    if (move.kind === 'clock') now += move.seconds * 1000;
    else if (move.kind === 'policy') policy = { ...move.policy, suspension: policy.suspension };
    else if (move.kind === 'suspension') {
      const { active } = move;
      policy = { ...policy, suspension: { active, version: policy.suspension.version + 1 } };
    } else {
      const command = commandOf(move);
      const before = state;
      const { events, answer } = decide<Command>(command, state, now);
      lastAt = Math.max(lastAt, now);
      for (const event of events as TwoFactorEvent[]) {
        state = evolve(state, event, lastAt);
        log.push({ event: JSON.parse(JSON.stringify(event)) as TwoFactorEvent, at: lastAt });
      }
      if (!isRefusal(answer) && 'required' in answer && answer.required) challenges.push(answer.challenge);
      check({
        command,
        before,
        after: state,
        events: events as TwoFactorEvent[],
        refused: isRefusal(answer) ? answer.refused : null,
        policy,
        now,
      });
    }
  }
  return { state, log };

  function commandOf(move: Exclude<Move, { kind: 'clock' | 'policy' | 'suspension' }>): Command {
    const authenticators = authenticatorsOf(state);
    const idOf = (place: number) => authenticators[Math.min(place, authenticators.length - 1)]?.id ?? 'none';
    const proof = { ...proofAt(now), authenticatorId: authenticators[0]?.id ?? null };
    const id = `id${++made}`;
    const presentStep = Math.floor(now / 30_000);
    const verify = (index: number, evidence: Evidence): Command => ({
      type: 'Verify',
      policy,
      attempt: {
        purpose: 'login',
        challenge: challenges[challenges.length - 1 - index] ?? { id: 'none', epoch: -1, suspension: 0, expiresAt: 0 },
      },
      evidence,
    });
    switch (move.kind) {
      case 'setUp':
        return { type: 'SetUp', policy, proof, secretId: id };
      case 'reset':
        return { type: 'Reset', policy, proof, secretId: id };
      case 'backupCodes':
        return { type: 'IssueBackupCodes', policy, proof, setId: id };
      case 'disable':
        return { type: 'Disable', policy, proof };
      case 'disableForUser':
        return { type: 'DisableForUser' };
      case 'unlock':
        return { type: 'Unlock' };
      case 'open':
        return { type: 'OpenChallenge', purpose: 'login', policy, challengeId: id };
      case 'confirm':
      case 'confirmOneMore': {
        const meant = pendingSetup(state)?.secretId ?? 'none';
        const evidence = totp(move.step === null ? null : presentStep + move.step, meant);
        return { type: 'Confirm', policy, proof, more: move.kind !== 'confirm', setId: id, evidence };
      }
      case 'add':
        return { type: 'AddTotp', policy, proof, secretId: id, name: 'an app' };
      case 'import': {
        const authenticators = Array.from({ length: move.apps }, (_, place) => ({
          authenticatorId: `${id}.${place}`,
          totp: STANDARD_TOTP,
        }));
        return { type: 'Import', importId: move.by, authenticators, registered: move.registered };
      }
      case 'settle':
        return { type: 'SettleImports', importId: move.by };
      case 'discard':
        return { type: 'DiscardImports', before: now };
      case 'rename':
        return { type: 'Rename', policy, authenticatorId: idOf(move.which), name: 'another' };
      case 'remove':
        return { type: 'Remove', policy, proof, authenticatorId: idOf(move.which) };
      case 'totp': {
        if (move.step === null) return verify(move.challenge, totp(null));
        const having = [...new Set([idOf(move.which), ...(move.also === null ? [] : [idOf(move.also)])])];
        const matches = having.map((authenticatorId) => ({ authenticatorId, timeStep: presentStep + move.step! }));
        return verify(move.challenge, { kind: 'totp', matches });
      }
      case 'backupCode':
        return verify(move.challenge, { kind: 'backup-code', index: move.index });
      case 'malformed':
        return verify(move.challenge, { kind: 'malformed' });
    }
  }
}

interface Turn {
  command: Command;
  before: SecondFactor;
  after: SecondFactor;
  events: readonly TwoFactorEvent[];
  refused: string | null;
  policy: AccountPolicy;
  now: number;
}
interface Played {
  state: SecondFactor;
  log: { event: TwoFactorEvent; at: number }[];
}

const sequences = fc.array(moves, { minLength: 1, maxLength: 120, size: 'max' });
/** Setting up first makes sequences that reach the interesting part. */
const enrolledSequences = sequences.map((rest): Move[] => [
  { kind: 'setUp' },
  { kind: 'confirm', step: -1 },
  { kind: 'add' },
  { kind: 'confirmOneMore', step: 0 },
  { kind: 'open' },
  ...rest,
]);
const importedSequences = sequences.map((rest): Move[] => [
  { kind: 'import', by: 'i1', apps: 2, registered: false },
  { kind: 'settle', by: 'i1' },
  { kind: 'open' },
  ...rest,
]);
const holds = (check: (sequence: Move[]) => void) =>
  fc.assert(fc.property(fc.oneof(sequences, enrolledSequences, importedSequences), check), { numRuns: 500 });

describe('second factor, for any sequence of commands and clock moves', () => {
  it('R22 R23 looks at no more codes than the limit between two successes or unlocks, and locks at the limit', () => {
    holds((sequence) => {
      let failures = 0;
      let locked = false;
      play(sequence, ({ command, events, refused, policy }) => {
        if (command.type === 'Unlock' && refused === null) {
          failures = 0;
          locked = false;
        }
        if (command.type !== 'Verify') return;
        const looked = events.length > 0;
        if (policy.suspension.active) {
          expect({ looked, refused }).toEqual({ looked: false, refused: 'account-suspended' });
          return;
        }
        if (locked) {
          expect({ looked, refused }).toEqual({ looked: false, refused: 'account-locked' });
          return;
        }
        if (!looked) return;
        if (refused === null) {
          failures = 0;
          return;
        }
        failures += 1;
        locked = failures >= policy.maxFailedAttempts;
        expect(refused).toBe(locked ? 'account-locked' : 'wrong-code');
        expect(events.map(({ type }) => type)).toEqual(locked ? ['AttemptFailed', 'AccountLocked'] : ['AttemptFailed']);
      });
    });
  });

  it('R18 R45 accepts each time step of an authenticator at most once, and never an older one', () => {
    holds((sequence) => {
      const newest = new Map<string, number>();
      const accept = (id: string, step: number) => {
        expect(step).toBeGreaterThan(newest.get(id) ?? -Infinity);
        newest.set(id, step);
      };
      play(sequence, ({ events }) => {
        for (const event of events) {
          if (event.type === 'TwoFactorEnabled') accept(event.data.secretId, event.data.timeStep);
          if (event.type === 'AuthenticatorAdded') accept(event.data.authenticatorId, event.data.timeStep!);
          if (event.type !== 'AttemptSucceeded' || event.data.method !== 'totp') continue;
          const { authenticatorId, timeStep, alsoMatched = [] } = event.data;
          accept(authenticatorId!, timeStep!);
          for (const also of alsoMatched) accept(also.authenticatorId, also.timeStep);
        }
      });
    });
  });

  it('R18 confirms none by a time step that one which is gone has passed with', () => {
    holds((sequence) => {
      let passed = -Infinity;
      const present = new Map<string, number>();
      play(sequence, ({ after, events }) => {
        for (const event of events) {
          if (event.type === 'TwoFactorEnabled' || event.type === 'AuthenticatorAdded')
            expect(event.data.timeStep).toBeGreaterThan(passed);
        }
        for (const [id, step] of present)
          if (!authenticatorsOf(after).some((each) => each.id === id)) passed = Math.max(passed, step);
        present.clear();
        for (const { id, lastAcceptedStep } of authenticatorsOf(after)) present.set(id, lastAcceptedStep);
      });
    });
  });

  it('R45 has at most three, lists them by when they were added, and names a secret for each and no other', () => {
    holds((sequence) => {
      let order: string[] = [];
      let brought: { by: string; id: string }[] = [];
      play(sequence, ({ after, events }) => {
        if (events.length === 0) return;
        for (const event of events) {
          if (event.type === 'AuthenticatorImported')
            brought.push({ by: event.data.importId, id: event.data.authenticatorId });
          if (event.type === 'ImportDiscarded') brought = brought.filter(({ by }) => by !== event.data.importId);
          if (event.type === 'SecondFactorImported') {
            order = brought.filter(({ by }) => by === event.data.importId).map(({ id }) => id);
            brought = [];
          }
          if (event.type === 'TwoFactorEnabled') order = [event.data.secretId];
          if (event.type === 'AuthenticatorAdded') order.push(event.data.authenticatorId);
          if (event.type === 'AuthenticatorRemoved') order = order.filter((id) => id !== event.data.authenticatorId);
          if (event.type === 'TwoFactorDisabled') order = [];
          if (event.type === 'SecretIssued' && event.data.reason !== 'add') order = [];
        }
        expect(authenticatorsOf(after).map(({ id }) => id)).toEqual(order);
        expect(order.length).toBeLessThanOrEqual(MOST_TOTP_AUTHENTICATORS);
        expect(after.enrolment.status === 'enabled').toBe(order.length > 0);
        const pending = pendingSetup(after);
        const codes = after.enrolment.status === 'enabled' ? after.enrolment.backupCodes : null;
        const sets = codes && codes.count > 0 ? [codes.setId] : [];
        const imported = brought.map(({ id }) => id);
        expect(secretsNamed(after)).toEqual([...order, ...(pending ? [pending.secretId] : []), ...sets, ...imported]);
      });
    });
  });

  it('R10 accepts each backup code at most once', () => {
    holds((sequence) => {
      const used = new Set<string>();
      play(sequence, ({ events }) => {
        for (const event of events) {
          if (event.type !== 'BackupCodeUsed') continue;
          const code = `${event.data.setId}/${event.data.index}`;
          expect(used.has(code)).toBe(false);
          used.add(code);
        }
      });
    });
  });

  it('R21 R41 lets a challenge pass once, in time, and not after lock, unlock, suspension, reset, removal or disable', () => {
    holds((sequence) => {
      const passed = new Set<string>();
      const openedBefore = new Map<string, string>();
      let endings = 0;
      play(sequence, ({ command, events, refused, policy: { suspension }, now }) => {
        const present = `${endings} ${suspension.version}`;
        if (command.type === 'OpenChallenge' && refused === null) openedBefore.set(command.challengeId, present);
        if (command.type === 'Verify' && refused === null) {
          const { id, expiresAt } = command.attempt.challenge!;
          expect(passed.has(id)).toBe(false);
          expect(now).toBeLessThan(expiresAt);
          expect(openedBefore.get(id)).toBe(present);
          expect(suspension.active).toBe(false);
          passed.add(id);
        }
        for (const { type, data } of events) {
          const reset = type === 'SecretIssued' && data.reason === 'reset';
          if (reset || ['AccountLocked', 'UserUnlocked', 'TwoFactorDisabled', 'AuthenticatorRemoved'].includes(type))
            endings += 1;
        }
      });
    });
  });

  it('a refused command changes nothing but what its own failure event says', () => {
    holds((sequence) => {
      play(sequence, ({ before, after, events, refused }) => {
        // asked of nearly every command, `expect` would take most of the time
        if (refused === null || (events.length === 0 && after === before)) return;
        const failures = ['AttemptFailed', 'AccountLocked', 'ConfirmationFailed', 'SetupFailed'];
        expect(events.every(({ type }) => failures.includes(type))).toBe(true);
        if (events.length === 0) expect(after).toBe(before);
        expect(authenticatorsOf(after)).toEqual(authenticatorsOf(before));
        expect(after.passedChallenges).toEqual(before.passedChallenges);
      });
    });
  });

  it('R36 an import replaces no second factor, and what it brings counts only from the registration that names it', () => {
    holds((sequence) => {
      play(sequence, ({ command, before, after, events }) => {
        if (command.type === 'Import' || command.type === 'DiscardImports')
          expect(after.enrolment).toBe(before.enrolment);
        if (command.type !== 'SettleImports') return;
        if (before.enrolment.status !== 'none') expect(after.enrolment).toBe(before.enrolment);
        if (events.length > 0) expect(after.imports).toEqual([]);
        const named = before.imports.find(({ id }) => id === command.importId);
        expect(after.enrolment.status === 'enabled' && before.enrolment.status === 'none').toBe(
          named !== undefined && before.importedBy !== named.id && before.enrolment.status === 'none',
        );
      });
    });
  });

  it('R06 R07 becomes active only by a right code of the pending secret, or with an imported account', () => {
    holds((sequence) => {
      play(sequence, ({ command, before, after, events }) => {
        if (after.enrolment.status !== 'enabled' || before.enrolment.status === 'enabled') return;
        if (command.type === 'SettleImports') return;
        expect(command.type).toBe('Confirm');
        expect(before.enrolment).toMatchObject({ status: 'pending', setup: { secretId: after.enrolment.id } });
        expect(events.map(({ type }) => type)).toEqual(['TwoFactorEnabled', 'BackupCodesIssued']);
      });
    });
  });

  it('R29 replaying the log gives the live state', () => {
    holds((sequence) => {
      const { state, log } = play(sequence, () => {});
      expect(log.reduce((replayed, { event, at }) => evolve(replayed, event, at), initial)).toEqual(state);
    });
  });
});
