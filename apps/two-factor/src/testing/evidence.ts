import type { Evidence } from '../second-factor/attempts.js';

/** Of a code that authenticator `k1` has at that time step; null: none has it. */
export const totp = (timeStep: number | null, authenticatorId = 'k1'): Extract<Evidence, { kind: 'totp' }> => ({
  kind: 'totp',
  matches: timeStep === null ? [] : [{ authenticatorId, timeStep }],
});
