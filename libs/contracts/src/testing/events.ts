import type { RecordedEvent } from '../events/event.js';

/** A recorded event for specs that are not about it; no chain holds it. */
export const anEvent = <Data = Record<string, unknown>>(
  changes: Partial<RecordedEvent<Data>> & { readonly data?: Data } = {},
): RecordedEvent<Data> => ({
  id: 'e1',
  type: 'two-factor.attempt-failed.v1',
  time: '2026-01-01T00:00:00.000Z',
  portal: 'demo',
  actor: { kind: 'system' },
  context: { correlationId: '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11', entrance: 'system' },
  data: {} as Data,
  streamVersion: 1,
  previousHash: '0'.repeat(64),
  hash: '0'.repeat(64),
  ...changes,
});
