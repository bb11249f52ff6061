import type { Context } from '../context.js';

/** A context for specs that are not about it. */
export const aContext = (changes: Partial<Context> = {}): Context => ({
  actor: { kind: 'system' },
  correlationId: '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11',
  entrance: 'system',
  ...changes,
});
