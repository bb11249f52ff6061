import type { TwoFactorEvent } from '#libs/contracts/src/events/two-factor.js';
import type { Decision } from '#libs/event-store/src/decision.js';
import { CHALLENGE_LASTS_MS } from '#libs/contracts/src/limits.js';
import type { Refusal } from '#libs/contracts/src/problems.js';
import { browserEpochOf } from './browser-epoch.js';
import type { Challenge } from './attempts.js';
import { type AccountPolicy, barred, isActive, notConfigurable } from './policy.js';
import type { Grace, SecondFactor } from './state.js';

const DAY_MS = 86_400_000;

/** Somebody has proved the first factor: what comes next? */
export interface OpenChallenge {
  readonly type: 'OpenChallenge';
  readonly policy: AccountPolicy;
  /** A login here, or a gateway that asks. */
  readonly purpose: 'login' | 'gateway';
  readonly challengeId: string;
  /** Of a login: of the browser that it comes from, which is remembered and has shown so (R39). */
  readonly browserEpoch?: number | undefined;
}

export type Opened =
  | { readonly required: true; readonly challenge: Challenge }
  /** `enrolment`: the portal requires 2FA, and the account has none (R37). */
  | {
      readonly required: false;
      /** A code would be required, were the browser not remembered (R39). */
      readonly remembered?: true;
      readonly enrolment?: { readonly graceEndsAt: string; readonly isOver: boolean };
    };

/**
 * In this order: suspended, locked, code or remembered browser, enrolment (R41). The time of grace begins here, for who has none yet, and a gateway
 * gets no further when it is over; a login goes on to a session that can only set up 2FA.
 */
export function decideOpening(
  { policy, purpose, challengeId, browserEpoch }: OpenChallenge,
  state: SecondFactor,
  now: number,
): Decision<TwoFactorEvent, Opened | Refusal> {
  const refusal = barred(state, policy, now);
  if (refusal) return { events: [], answer: refusal };
  if (isActive(state, policy)) {
    const isRemembered = purpose === 'login' && browserEpoch === browserEpochOf(state);
    if (isRemembered) return { events: [], answer: { required: false, remembered: true } };
    const { suspension } = policy;
    const expiresAt = now + CHALLENGE_LASTS_MS;
    const challenge = { id: challengeId, epoch: state.epoch, suspension: suspension.version, expiresAt };
    return { events: [], answer: { required: true, challenge } };
  }
  if (!isRequired(policy)) return { events: [], answer: { required: false } };
  const { graceDays } = policy;
  const graceEndsAt = timestampOf(state.grace?.endsAt ?? now + graceDays * DAY_MS);
  const events: TwoFactorEvent[] = state.grace
    ? []
    : [{ type: 'GraceBegan', data: { endsAt: graceEndsAt, graceDays } }];
  const isOver = isGraceOver(state.grace ?? graceUntil(graceEndsAt, now), now);
  if (isOver && purpose === 'gateway') return { events, answer: { refused: 'enrolment-required' } };
  return { events, answer: { required: false, enrolment: { graceEndsAt, isOver } } };
}

/** Whether the account must have 2FA; not while it cannot be configured. */
export const isRequired = (policy: AccountPolicy): boolean => policy.required && notConfigurable(policy) === null;

export const isGraceOver = (grace: Grace | null, now: number): boolean =>
  grace !== null && (grace.isOver || now >= grace.endsAt);

/** Who disables or resets their own after the end can only set it up again. */
export const enrolmentAfter = ({ grace }: SecondFactor, policy: AccountPolicy, now: number) =>
  isRequired(policy) && isGraceOver(grace, now) ? { enrolmentRequired: true as const } : {};

/** Whose 2FA an administrator disables after the end has a day from then; before it, the end stays what it is. */
export const moreGrace = ({ grace }: SecondFactor, now: number) =>
  isGraceOver(grace, now) ? { graceEndsAt: timestampOf(now + DAY_MS) } : {};

export const graceUntil = (endsAt: string, at: number): Grace => ({
  endsAt: Date.parse(endsAt),
  isOver: at >= Date.parse(endsAt),
});

export const graceAfter = (
  grace: Grace | null,
  { enrolmentRequired }: { readonly enrolmentRequired?: true | undefined },
): Grace | null => (grace && enrolmentRequired ? { ...grace, isOver: true } : grace);

const timestampOf = (at: number): string => new Date(at).toISOString();
