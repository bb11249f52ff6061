import type { TwoFactorSettings } from '#libs/contracts/src/events/admin-policy.js';
import type { NotConfigurableReason } from '#libs/contracts/src/primitives.js';
import { PROOF_LASTS_MS } from '#libs/contracts/src/limits.js';
import { lockedUntil, type Refusal } from '#libs/contracts/src/problems.js';
import type { SecondFactor } from './state.js';

/** The portal's setting and the other facts of policy that hold for one account, as adopted from the other apps. */
export interface AccountPolicy extends Readonly<TwoFactorSettings> {
  /** Enterprise Security is present (R03). */
  readonly addOn: boolean;
  /** The account is a Contributor (R08). */
  readonly contributor: boolean;
  readonly suspension: Suspension;
}

/** What is known of the account's suspensions (R41). */
export interface Suspension {
  readonly active: boolean;
  /** Of the account's stream at the last suspension or resumption; 0: there was none. */
  readonly version: number;
}

export const neverSuspended: Suspension = { active: false, version: 0 };

/** Why the account can do nothing at all, in the order that clients see: suspended, locked (R41, R23). */
export function barred(state: SecondFactor, { suspension }: AccountPolicy, now: number): Refusal | null {
  if (suspension.active) return { refused: 'account-suspended' };
  return state.lockedAt === null ? null : lockedUntil(state.lockEndsAt, now);
}

/** Why two-factor authentication cannot be configured now: the first reason that applies, or null. */
export function notConfigurable(policy: AccountPolicy): NotConfigurableReason | null {
  if (!policy.contributor) return 'contributors-only';
  if (!policy.addOn) return 'add-on-required';
  if (!policy.enabled) return 'portal-off';
  return null;
}

/** Whether login asks for a code (R16). */
export const isActive = ({ enrolment }: SecondFactor, policy: AccountPolicy): boolean =>
  enrolment.status === 'enabled' && notConfigurable(policy) === null;

/** What a session has proved (R14). */
export interface Proof {
  readonly sessionId: string;
  /** When the password was proved in this session, milliseconds; null for SSO and login tokens. */
  readonly passwordAt: number | null;
  /** A gateway has proved the first factor then (R34). */
  readonly handedOver?: true | undefined;
  /** The authenticator that the session has passed; of a backup code, the one that 2FA was enabled with. */
  readonly authenticatorId: string | null;
}

/** What the session must prove again before a change that needs the proof; empty when it is fresh (R14). */
export function missingProof(
  state: SecondFactor,
  policy: AccountPolicy,
  proof: Proof,
  now: number,
): ('password' | 'code' | 'hand-over')[] {
  const { enrolment } = state;
  const active = isActive(state, policy);
  // as far in the future it is no fresher: the clock was set back since
  if (proof.passwordAt === null || Math.abs(now - proof.passwordAt) >= PROOF_LASTS_MS) {
    const first = proof.handedOver ? 'hand-over' : 'password';
    return active ? [first, 'code'] : [first];
  }
  const passed =
    enrolment.status === 'enabled' &&
    (proof.authenticatorId === enrolment.id ||
      enrolment.authenticators.some(
        ({ id, confirmedBy }) => id === proof.authenticatorId || confirmedBy === proof.sessionId,
      ));
  return active && !passed ? ['code'] : [];
}
