import { adminPolicyEndpoints } from './admin-policy.js';
import { auditEndpoints } from './audit.js';
import type { Endpoint } from './endpoint.js';
import { identityEndpoints } from './identity.js';
import { twoFactorEndpoints } from './two-factor.js';

/** Every HTTP call of the product; each names the app that serves it. */
export const endpoints: readonly Endpoint[] = [
  ...Object.values(identityEndpoints),
  ...Object.values(twoFactorEndpoints),
  ...Object.values(adminPolicyEndpoints),
  ...Object.values(auditEndpoints),
];
