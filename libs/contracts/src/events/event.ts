import { z } from 'zod';
import { opaqueId, portalId, timestamp } from '../primitives.js';

/** Who made a change: a person by account id, a service token by its id, the operator, or the system itself. */
export const actor = z
  .strictObject({
    kind: z.enum(['user', 'administrator', 'service', 'operator', 'system', 'anonymous']),
    id: opaqueId.optional(),
  })
  .meta({ id: 'Actor' });
export type Actor = z.infer<typeof actor>;

/**
 * The HTTP form of an event, and what consumers on the bus receive. `hash` is the SHA-256 (hex) over the RFC 8785 bytes
 * of this form without `hash`; `previousHash` of a stream's first event is 64 zeros.
 */
export const recordedEvent = z
  .strictObject({
    id: opaqueId,
    type: z.string().meta({ example: 'two-factor.attempt-failed.v1' }),
    time: timestamp,
    portal: portalId,
    account: opaqueId.optional(),
    actor,
    data: z.record(z.string(), z.unknown()),
    streamVersion: z.int().positive(),
    previousHash: z.string().regex(/^[0-9a-f]{64}$/),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .meta({ id: 'Event' });
export interface RecordedEvent<Data = Record<string, unknown>> extends Omit<z.infer<typeof recordedEvent>, 'data'> {
  data: Data;
}

/** The app whose log an event stands in: the first part of its type. */
export type SourceApp = 'two-factor' | 'identity' | 'admin-policy';
export const sourceOf = (type: string): SourceApp => type.slice(0, type.indexOf('.')) as SourceApp;

/** One value for one event: its name in the log, its type on the wire, the schema of its data, an example. */
export interface EventContract<Name extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly name: Name;
  readonly type: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly example: z.infer<Schema>;
}

export function event<const Name extends string, Schema extends z.ZodType>(
  app: SourceApp,
  name: Name,
  summary: string,
  schema: Schema,
  example: z.infer<Schema>,
  version = 1,
): EventContract<Name, Schema> {
  const kebab = name.replace(/[a-z0-9](?=[A-Z])/g, '$&-').toLowerCase();
  return { name, type: `${app}.${kebab}.v${version}`, summary, schema, example };
}

/** The union of domain events that a table of contracts describes: `{ type: 'AttemptFailed', data: {…} } | …`. */
export type DomainEvents<Contracts extends Record<string, EventContract>> = {
  [K in keyof Contracts]: { type: Contracts[K]['name']; data: z.infer<Contracts[K]['schema']> };
}[keyof Contracts];

export type DataOf<Contract extends EventContract> = z.infer<Contract['schema']>;
