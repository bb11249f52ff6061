import type { TwoFactorSettings } from '#libs/contracts/src/events/admin-policy.js';
import { lockMinutes as limits } from '#libs/contracts/src/limits.js';
import type { SecondFactor } from './state.js';

/** So many failures without a success, over all locks: only an administrator ends the lock (R38, NIST SP 800-63B-4 §3.2.2). */
export const MOST_FAILURES = 100;
/** A lock that comes sooner than this after the last one is twice as long. */
const SOON_MS = 7 * 86_400_000;
const MINUTE_MS = 60_000;

/** How many more failures lock the account; 0: it is to be locked now. Those that a lock which ended by itself was for count no more. */
export function attemptsUntilLock(
  { failedAttempts, failuresPaid }: Pick<SecondFactor, 'failedAttempts' | 'failuresPaid'>,
  { maxFailedAttempts }: Pick<TwoFactorSettings, 'maxFailedAttempts'>,
): number {
  return Math.max(0, Math.min(maxFailedAttempts - (failedAttempts - failuresPaid), MOST_FAILURES - failedAttempts));
}

/** When a lock that begins now ends by itself (R38); undefined: an administrator ends it (R25). */
export function endOfLock(
  { lastLock }: Pick<SecondFactor, 'lastLock'>,
  { lockMinutes }: Pick<TwoFactorSettings, 'lockMinutes'>,
  failedAttempts: number,
  now: number,
): { readonly lockMinutes: number; readonly endsAt: string } | undefined {
  if (lockMinutes === 0 || failedAttempts >= MOST_FAILURES) return undefined;
  const isSoon = lastLock !== null && Math.abs(now - lastLock.at) < SOON_MS;
  const minutes = Math.min(limits.most, isSoon ? Math.max(lockMinutes, 2 * lastLock.minutes) : lockMinutes);
  return { lockMinutes: minutes, endsAt: new Date(now + minutes * MINUTE_MS).toISOString() };
}

/** A lock that ends by itself has come to its end, and no event says so yet. */
export const isLockOver = ({ lockEndsAt }: Pick<SecondFactor, 'lockEndsAt'>, now: number): boolean =>
  lockEndsAt !== null && now >= lockEndsAt;
