import { initialTwoFactorSettings } from '#libs/contracts/src/events/admin-policy.js';
import { type AccountPolicy, neverSuspended } from '../second-factor/policy.js';

/** The policy of a Contributor in a portal that has turned 2FA on. */
export const aPolicy = (changes: Partial<AccountPolicy> = {}): AccountPolicy => ({
  ...initialTwoFactorSettings,
  enabled: true,
  addOn: true,
  contributor: true,
  suspension: neverSuspended,
  ...changes,
});
