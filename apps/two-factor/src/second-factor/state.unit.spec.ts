import type { TwoFactorEvent as Decided } from '#libs/contracts/src/events/two-factor.js';
import type { Sealed } from '#libs/event-store/src/decision.js';
import { backupCodesLeft, evolve, initial, secretsNamed } from './state.js';

type TwoFactorEvent = Sealed<Decided>;
const HOUR_MS = 60 * 60_000;
const issued = (secretId: string, reason: 'setup' | 'reset' = 'setup'): TwoFactorEvent => ({
  type: 'SecretIssued',
  data: { secretId, reason, sessionId: 's1' },
});
const enabled: TwoFactorEvent[] = [
  issued('k1'),
  { type: 'TwoFactorEnabled', data: { secretId: 'k1', timeStep: 7, sessionId: 's1' } },
  { type: 'BackupCodesIssued', data: { setId: 'b1', count: 10 } },
];
const locked: TwoFactorEvent = { type: 'AccountLocked', data: { failedAttempts: 3, maxFailedAttempts: 3 } };
const disabled: TwoFactorEvent = { type: 'TwoFactorDisabled', data: { secretId: 'k1', was: 'enabled' } };
const setupFailed: TwoFactorEvent = { type: 'SetupFailed', data: { secretId: 'k1', failedConfirmations: 10 } };
const used = (index: number): TwoFactorEvent => ({ type: 'BackupCodeUsed', data: { setId: 'b1', index, left: 0 } });
const erased: TwoFactorEvent = { type: 'SecondFactorErased', data: {} };
const stateAfter = (events: readonly TwoFactorEvent[], at = 0) =>
  events.reduce((state, event) => evolve(state, event, at), initial);

it.each<[string, TwoFactorEvent[], string[]]>([
  ['nothing', [], []],
  ['a pending setup', [issued('k1')], ['k1']],
  ['an enabled second factor', enabled, ['k1', 'b1']],
  ['a reset', [...enabled, issued('k2', 'reset')], ['k2']],
  ['a failed setup', [issued('k1'), setupFailed], []],
  ['a disabled second factor', [...enabled, disabled], []],
  ['a deleted account', [...enabled, erased], []],
])('R13 the vault keeps what the log names, and nothing else: %s', (_, events, named) => {
  expect(secretsNamed(stateAfter(events))).toEqual(named);
});

it.each<[string, TwoFactorEvent[]]>([
  ['a lock', [locked]],
  ['an unlock', [{ type: 'UserUnlocked', data: {} }]],
  ['a reset', [issued('k2', 'reset')]],
  ['a disabling', [disabled]],
  ['a deletion', [erased]],
  ['two of them', [locked, disabled]],
])('R21 %s ends every challenge of before, since no epoch comes again', (_, events) => {
  const before = stateAfter(enabled).epoch;
  expect(stateAfter([...enabled, ...events]).epoch).toBe(before + events.length);
});

it('R21 a setup ends none', () => {
  expect(stateAfter([...enabled, disabled, issued('k2')]).epoch).toBe(stateAfter([...enabled, disabled]).epoch);
});

it('R10 each backup code that is used is one less; without a second factor there is none', () => {
  expect(
    [[], [used(3)], [used(3), used(4)]].map((events) => backupCodesLeft(stateAfter([...enabled, ...events]))),
  ).toEqual([10, 9, 8]);
  expect(backupCodesLeft(initial)).toBe(0);
  expect(backupCodesLeft(stateAfter([issued('k1')]))).toBe(0);
});

it('R18 an attempt from before there were several authenticators counts for the one that there was', () => {
  const data = { purpose: 'login', method: 'totp', timeStep: 9 } as const;
  const after = evolve(stateAfter(enabled), { type: 'AttemptSucceeded', data }, HOUR_MS);
  expect(after.enrolment).toMatchObject({ authenticators: [{ id: 'k1', lastAcceptedStep: 9, lastUsedAt: HOUR_MS }] });
  // a backup code has no step
  const byBackupCode = { purpose: 'login', method: 'backup-code' } as const;
  const unchanged = evolve(stateAfter(enabled), { type: 'AttemptSucceeded', data: byBackupCode }, HOUR_MS);
  expect(unchanged.enrolment).toEqual(stateAfter(enabled).enrolment);
});

it('R10 what belongs to no enabled second factor changes nothing', () => {
  for (const events of [[], [issued('k1')]]) {
    const state = stateAfter(events);
    expect(evolve(state, used(1), 0)).toEqual(state);
    expect(evolve(state, { type: 'BackupCodesIssued', data: { setId: 'b9', count: 10 } }, 0)).toEqual(state);
  }
});

describe('challenges that have passed (R21)', () => {
  const passed = (challengeId?: string, challengeExpiresAt?: number): TwoFactorEvent => ({
    type: 'AttemptSucceeded',
    data: {
      purpose: 'login',
      method: 'totp',
      ...(challengeId !== undefined && { challengeId }),
      ...(challengeExpiresAt !== undefined && { challengeExpiresAt }),
    },
  });

  it('are remembered until an hour after their end, for a clock that is set back', () => {
    const first = { id: 'c1', expiresAt: 1_000 };
    const state = stateAfter([...enabled, passed(first.id, first.expiresAt)]);
    const second = { id: 'c2', expiresAt: 2 * HOUR_MS };
    const next = (at: number) => evolve(state, passed(second.id, second.expiresAt), at).passedChallenges;
    expect(next(first.expiresAt + HOUR_MS - 1)).toEqual([first, second]);
    expect(next(first.expiresAt + HOUR_MS)).toEqual([second]);
  });

  it('are those alone that tell their id and their end', () => {
    for (const event of [passed(), passed('c1'), passed(undefined, 1_000)]) {
      expect(stateAfter([...enabled, event]).passedChallenges).toEqual([]);
    }
  });
});
