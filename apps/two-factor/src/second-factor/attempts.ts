import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import type { CodeMethod } from '#libs/contracts/src/primitives.js';
import { lockedUntil, type Refusal } from '#libs/contracts/src/problems.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import { browserEpochOf } from './browser-epoch.js';
import { attemptsUntilLock, endOfLock } from './locks.js';
import { type AccountPolicy, barred, isActive } from './policy.js';
import { authenticatorsOf, backupCodesLeft, type SecondFactor } from './state.js';

/** A challenge as it was opened; sealed, so that it comes back unaltered. */
export interface Challenge {
  readonly id: string;
  readonly epoch: number;
  /** Version of the last suspension or resumption that was known then (R41). */
  readonly suspension: number;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** What looking at a typed code found out. */
export type Evidence =
  /** It was not looked at, as it may not be. */
  | { readonly kind: 'unread' }
  /** Nothing was typed. */
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | {
      readonly kind: 'totp';
      /** Whose code it is, in the order of the authenticators; while confirming, that of the pending secret. */
      readonly matches: readonly Match[];
      /** While confirming, of a code that is of no step in the window but of one near it. */
      readonly clockOffSeconds?: number;
    }
  /** The index of the backup code in the present set; null for none. */
  | { readonly kind: 'backup-code'; readonly index: number | null };

/** The time step, of the three in the window, whose code of that authenticator it is (R17). */
export interface Match {
  readonly authenticatorId: string;
  readonly timeStep: number;
}

export interface Attempt {
  readonly purpose: 'login' | 'gateway' | 'proof';
  readonly challenge?: Challenge;
  readonly sessionId?: string;
}

export interface Passed {
  readonly method: CodeMethod;
  /** What a proof names (R14): the authenticator; of a backup code, the one that 2FA was enabled with. */
  readonly authenticatorId: string;
  readonly backupCodesLeft: number;
  /** As long as it stays, a browser that is remembered by this attempt is (R39). */
  readonly browserEpoch: number;
}

/** Why the code may not be looked at: a suspended or locked account's is not, right or wrong (R41, R23), nor that of an ended challenge (R21). */
export function refuseUnread(
  state: SecondFactor,
  policy: AccountPolicy,
  attempt: Attempt,
  now: number,
): Refusal | null {
  // all that it had has ended with the account
  if (state.erased) return { refused: 'challenge-ended' };
  const refusal = barred(state, policy, now);
  if (refusal) return refusal;
  const { challenge } = attempt;
  const ended =
    challenge !== undefined &&
    (now >= challenge.expiresAt ||
      challenge.epoch !== state.epoch ||
      challenge.suspension !== policy.suspension.version ||
      state.passedChallenges.some(({ id }) => id === challenge.id));
  if (ended || !isActive(state, policy)) return { refused: 'challenge-ended' };
  return null;
}

export function decideAttempt(
  state: SecondFactor,
  policy: AccountPolicy,
  attempt: Attempt,
  evidence: Evidence,
  now: number,
): Decision<TwoFactorEvent, Passed | Refusal> {
  const unread = refuseUnread(state, policy, attempt, now);
  if (unread) return { events: [], answer: unread };
  switch (evidence.kind) {
    case 'unread':
      throw new TypeError('a code that may be looked at was not');
    case 'none':
      return { events: [], answer: { refused: 're-authentication-required', needs: ['code'] } };
    case 'malformed':
      return { events: [], answer: { refused: 'malformed-code' } };
    case 'backup-code':
      return decideBackupCode(state, policy, attempt, evidence.index, now);
    case 'totp': {
      const { matches } = evidence;
      if (matches.length === 0) return failed(state, policy, attempt, { method: 'totp', reason: 'wrong' }, now);
      // a code that two have is used when one of them has used it
      if (matches.some((match) => isUsed(state, match)))
        return failed(state, policy, attempt, { method: 'totp', reason: 'used' }, now);
      return passed(state, attempt, 'totp', matches);
    }
    default:
      return evidence satisfies never;
  }
}

/** The same time step, or an older one than the last accepted, is never right again (R18, R45, RFC 6238 §5.2). */
function isUsed(state: SecondFactor, { authenticatorId, timeStep }: Match): boolean {
  const authenticator = authenticatorsOf(state).find(({ id }) => id === authenticatorId);
  return authenticator === undefined || timeStep <= authenticator.lastAcceptedStep;
}

function decideBackupCode(
  state: SecondFactor,
  policy: AccountPolicy,
  attempt: Attempt,
  index: number | null,
  now: number,
) {
  const method = 'backup-code';
  if (state.enrolment.status !== 'enabled' || index === null)
    return failed(state, policy, attempt, { method, reason: 'wrong' }, now);
  const { setId, used } = state.enrolment.backupCodes;
  if (used.includes(index)) return failed(state, policy, attempt, { method, reason: 'used' }, now);
  const { events, answer } = passed(state, attempt, 'backup-code');
  const left = backupCodesLeft(state) - 1;
  return {
    events: [...events, { type: 'BackupCodeUsed', data: { setId, index, left } } satisfies TwoFactorEvent],
    answer: { ...answer, backupCodesLeft: left },
  };
}

function passed(state: SecondFactor, attempt: Attempt, method: CodeMethod, [match, ...others]: readonly Match[] = []) {
  if (state.enrolment.status !== 'enabled') throw new TypeError('an attempt passed without an enabled second factor');
  const { purpose, challenge, sessionId } = attempt;
  const event: TwoFactorEvent = {
    type: 'AttemptSucceeded',
    data: {
      purpose,
      method,
      authenticatorId: match?.authenticatorId,
      timeStep: match?.timeStep,
      alsoMatched: others.length === 0 ? undefined : others,
      challengeId: challenge?.id,
      challengeExpiresAt: challenge?.expiresAt,
      sessionId,
    },
  };
  const authenticatorId = match?.authenticatorId ?? state.enrolment.id;
  const answer: Passed = {
    method,
    authenticatorId,
    backupCodesLeft: backupCodesLeft(state),
    browserEpoch: browserEpochOf(state),
  };
  return { events: [event], answer };
}

/** One more failure; at the limit it locks, and is answered as locked (R23). A lowered limit counts from here (R02). */
function failed(
  state: SecondFactor,
  policy: AccountPolicy,
  { purpose }: Attempt,
  found: { readonly method: CodeMethod; readonly reason: 'wrong' | 'used' },
  now: number,
): Decision<TwoFactorEvent, Refusal> {
  const { maxFailedAttempts } = policy;
  const failedAttempts = state.failedAttempts + 1;
  const counts = { failedAttempts, maxFailedAttempts };
  const failure: TwoFactorEvent = { type: 'AttemptFailed', data: { purpose, ...found, ...counts } };
  const attemptsLeft = attemptsUntilLock({ ...state, failedAttempts }, policy);
  if (attemptsLeft > 0) return { events: [failure], answer: { refused: 'wrong-code', attemptsLeft } };
  const end = endOfLock(state, policy, failedAttempts, now);
  const lock: TwoFactorEvent = { type: 'AccountLocked', data: { ...counts, ...end } };
  return { events: [failure, lock], answer: lockedUntil(end ? Date.parse(end.endsAt) : null, now) };
}
