import { z } from 'zod';
import { client } from '../context.js';
import { recordedEvent, type RecordedEvent } from './event.js';
import { person } from './identity.js';
import { authenticatorPerson } from './two-factor.js';

/** Which of it there is depends on the event. */
const plainPerson = z
  .strictObject({ ...person.shape, ...authenticatorPerson.shape })
  .partial()
  .meta({ id: 'Person' });

/** What is personal in an event, opened; null where its key was destroyed (R42). */
export const plain = z

  .strictObject({ person: plainPerson.nullable().optional(), origin: client.nullable().optional() })
  .meta({ id: 'Plain' });
export type Plain = z.infer<typeof plain>;

/** An event as HTTP tells it to who may see it. `plain` is not hashed; null: nothing of it can be opened any more. */
export const readableEvent = recordedEvent.extend({ plain: plain.nullable().optional() }).meta({ id: 'ReadableEvent' });
export interface ReadableEvent extends RecordedEvent {
  plain?: Plain | null;
}
