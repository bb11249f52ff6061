import { Problem } from '#libs/contracts/src/problems.js';
import type { NotConfigurableReason } from '#libs/contracts/src/primitives.js';

/** Why a command is refused; `refused` is the stable code that clients see. */
export type Refusal =
  | { readonly refused: 'account-locked' | 'challenge-ended' | 'malformed-code' | 'not-locked' }
  | { readonly refused: 'already-enabled' | 'no-pending-setup' | 'two-factor-not-enabled' | NotConfigurableReason }
  | { readonly refused: 'wrong-code'; readonly attemptsLeft: number; readonly clockOffSeconds?: number }
  | { readonly refused: 're-authentication-required'; readonly needs: ('password' | 'code')[] };

const details: Record<Refusal['refused'], string> = {
  'account-locked':
    'The account is locked after too many failed attempts. An administrator can unlock it with Enable user.',
  'challenge-ended': 'The challenge has ended. Log in again.',
  'malformed-code': 'A code has six digits; a backup code has 16 letters and digits.',
  'not-locked': 'The account is not locked.',
  'already-enabled': 'Two-factor authentication is already enabled. Reset it to get a new key.',
  'no-pending-setup': 'There is no pending setup, or it is a different one. Start the setup first.',
  'two-factor-not-enabled': 'Two-factor authentication is not enabled for the account.',
  'contributors-only': 'Only Contributor accounts can use two-factor authentication.',
  'add-on-required': 'The portal does not have the Enterprise Security add-on.',
  'portal-off': 'Two-factor authentication is off for the portal.',
  'wrong-code': 'The code is incorrect or has already been used.',
  're-authentication-required': 'Confirm your identity to make this change.',
};

export function problemOf(refusal: Refusal): Problem {
  const { refused, ...extras } = refusal;
  return Problem.answer(refused, details[refused], extras);
}

export const isRefusal = <T extends object>(answer: T | Refusal): answer is Refusal => 'refused' in answer;

/** The answer, or the refusal as the problem that it is. */
export function unwrap<T extends object>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw problemOf(answer);
  return answer;
}
