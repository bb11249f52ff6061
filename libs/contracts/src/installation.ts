import { z } from 'zod';
import { sourceApps } from './events/events.js';
import { appNames } from './http/endpoint.js';
import { timestamp } from './primitives.js';

/* What the operator is told of the installation: of keys their ids alone, of messages no content, of people nothing. */

const count = z.int().nonnegative();

const consumer = z
  .strictObject({
    source: z.enum(sourceApps),
    lag: count.meta({ description: 'How many positions of that log are known and not handled.' }),
    stalled: z.boolean().meta({ description: 'A store, the bus or an app is unavailable; it goes on by itself.' }),
  })
  .meta({ id: 'Consumer' });

/** The newest of an app that are listed. */
export const NEWEST_DEAD_LETTERS = 50;
const listedDeadLetter = z
  .strictObject({
    id: z.string().meta({ description: 'For `twinlock dead-letters show` and `replay`.' }),
    topic: z.string(),
    type: z.string(),
    eventId: z.string().nullable(),
    reason: z.string().meta({ description: 'Kind and place of the last error.' }),
    at: timestamp,
  })
  .meta({ id: 'ListedDeadLetter' });
const deadLetters = z
  .strictObject({
    count: count.meta({ description: 'Those that have not been replayed.' }),
    newest: z.array(listedDeadLetter).max(NEWEST_DEAD_LETTERS).meta({ description: 'The newest first.' }),
  })
  .meta({ id: 'DeadLetters' });

/** From this age of its current key on, a key ring should be rotated. */
export const KEY_AGE_DAYS = 365;
/**
 * Of entries under other keys than the current one: none is known, they are being re-encrypted, or some could not be (the log
 * says why).
 */
export const reEncryption = z.enum(['complete', 'running', 'incomplete']);
const keyRing = z
  .strictObject({
    keys: z
      .array(
        z.strictObject({
          id: z.string(),
          firstSeenAt: timestamp.optional().meta({ description: 'When this app first had it.' }),
        }),
      )
      .meta({ description: 'In the order of the ring: the first is the current key.' }),
    reEncryption,
    rotationAdvised: z.boolean().meta({ description: `The current key is ${KEY_AGE_DAYS} days old or older.` }),
  })
  .meta({ id: 'KeyRing' });

/** How one instance of an app is. What its store has is missing while that does not answer. */
export const appStatus = z.strictObject({
  status: z.enum(['ok', 'store-unavailable', 'consumer-stalled']),
  version: z.string(),
  consumers: z.array(consumer),
  deadLetters: deadLetters.optional(),
  /** Of apps that encrypt what they store. */
  keyRing: keyRing.optional(),
  /** By its settings people are mailed. */
  mails: z.boolean(),
});
export type AppStatus = z.infer<typeof appStatus>;

const told = appStatus.omit({ status: true, mails: true }).partial();
export const installedApp = z
  .strictObject({
    app: z.enum(appNames),
    status: z.enum([...appStatus.shape.status.options, 'unreachable']),
    ...told.shape,
  })
  .meta({ id: 'InstalledApp' });
export type InstalledApp = z.infer<typeof installedApp>;

export const verification = z
  .strictObject({
    at: timestamp.meta({ description: 'When it ended.' }),
    intact: z.boolean(),
    events: count.meta({ description: 'Of all logs.' }),
    problems: count.meta({ description: 'Of the logs, with themselves and with what audit has seen.' }),
    chainBreaks: count.meta({ description: 'Events that broke their hash chain when audit took them in.' }),
  })
  .meta({ id: 'Verification' });
export type Verification = z.infer<typeof verification>;

export const installation = z
  .strictObject({
    apps: z.array(installedApp),
    verification: verification.nullable().optional().meta({
      description: 'The last outcome of `twinlock verify`; null: none was recorded. Missing while it cannot be read.',
    }),
  })
  .meta({ id: 'Installation' });
export type Installation = z.infer<typeof installation>;
