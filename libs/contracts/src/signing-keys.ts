import { z } from 'zod';
import { opaqueId, timestamp } from './primitives.js';

/* What ID tokens are signed with, as the operator is told of it: never a key itself. */

const signingKey = z
  .strictObject({
    id: opaqueId.meta({ description: '`kid` in ID tokens and at `jwks_uri`.' }),
    state: z.enum(['next', 'signing', 'previous']).meta({
      description:
        'All are published. `next`: it does not sign yet. `previous`: it signs no more, but ID tokens that it has signed may be in use.',
    }),
    madeAt: timestamp,
    signsFrom: timestamp,
    publishedUntil: timestamp.optional().meta({ description: 'Of a previous one.' }),
  })
  .meta({ id: 'SigningKey' });

export const signingKeys = z.strictObject({ keys: z.array(signingKey).meta({ description: 'The newest first.' }) });
export const signingKeyRotation = z.strictObject({
  now: z.boolean().optional().meta({
    description: 'A key has leaked: the new one signs at once, and those of before are not published any more.',
  }),
});
