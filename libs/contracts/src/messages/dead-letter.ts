import { z } from 'zod';
import { timestamp } from '../primitives.js';

/** What stands on the dead-letter topic of an app: where the message is that could not be handled, and why. Nothing of its content. */
export const deadLetterMessage = z
  .strictObject({
    topic: z.string(),
    partition: z.int().nonnegative(),
    offset: z.int().nonnegative(),
    /** Empty where the message has no key that could be read. */
    stream: z.string(),
    type: z.string(),
    eventId: z.string().nullable(),
    reason: z.string(),
    at: timestamp,
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetterMessage = z.infer<typeof deadLetterMessage>;

export const deadLetterExample: DeadLetterMessage = {
  topic: 'twinlock.two-factor.events',
  partition: 3,
  offset: 1207,
  stream: 'demo/a1',
  type: 'two-factor.attempt-failed.v1',
  eventId: '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11.1',
  reason: 'Unreadable: it does not have its hash',
  at: '2026-11-24T09:30:00.000Z',
};
