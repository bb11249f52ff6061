import { z } from 'zod';
import { accountType, displayName, email, externalId, opaqueId, username } from '../primitives.js';

export const MOST_IN_BATCH = 1_000;
export const BATCH_BODY_BYTES = 2 * 1_048_576;

/** One account of a batch: found by `externalId` if it has one, else by `username`. */
export const accountOfBatch = z
  .strictObject({
    externalId: externalId.optional(),
    username,
    displayName: displayName.nullable().optional(),
    email: email.nullable().optional(),
    type: accountType,
  })
  .meta({ description: 'A member that is missing is not changed; null clears.' });

const outcome = z.enum(['created', 'changed', 'unchanged', 'refused', 'unavailable']);
export const batchResult = z
  .strictObject({
    id: opaqueId.optional(),
    outcome,
    code: z.string().optional().meta({ description: 'Of the problem, when it is refused or unavailable.' }),
    errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'BatchResult' });
export type BatchResult = z.infer<typeof batchResult>;

/** Each is judged by itself, so that one that is malformed keeps none of the others back. */
const { $schema: _, ...documented } = z.toJSONSchema(accountOfBatch, { io: 'input' });
const anyAccount = z.unknown().meta({ id: 'AccountOfBatch', ...documented } as Record<string, unknown>);

export const batchBody = z.strictObject({ accounts: z.array(anyAccount).min(1).max(MOST_IN_BATCH) });
