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

/** An app with a log of its own. */
export type SourceApp = 'two-factor' | 'identity' | 'admin-policy';
/** The app whose log an event stands in: the first part of its type. */
export const appOf = (type: string): SourceApp => type.slice(0, type.indexOf('.')) as SourceApp;

/** A shape that an event once had, and what its data is called now. Such events stand in logs and on topics for ever. */
export interface OlderVersion<Data = unknown> {
  readonly schema: z.ZodType;
  readonly upcast: (data: never) => Data;
}
/** By version, from 1 on without a gap. */
export type OlderVersions<Data = unknown> = Readonly<Record<number, OlderVersion<Data>>>;

/** One value for one event: its name in the log, its types on the wire, the schema of its data, an example. */
export interface EventContract<Name extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly app: SourceApp;
  readonly name: Name;
  /** As it is recorded now: `two-factor.attempt-failed.v1`. */
  readonly type: string;
  /** As it was recorded earlier, by type. */
  readonly older: Readonly<Record<string, OlderVersion<z.infer<Schema>>>>;
  readonly summary: string;
  readonly schema: Schema;
  readonly example: z.infer<Schema>;
}

/**
 * Makes the contracts of one app's events. A new optional member is added to the schema. Any other change of the shape is a new
 * version, which follows from the shape of before standing in `older`: readers get the present shape, whichever was recorded.
 */
export const eventsOf =
  (app: SourceApp) =>
  <const Name extends string, Schema extends z.ZodType>(
    name: Name,
    summary: string,
    schema: Schema,
    example: z.infer<Schema>,
    older: OlderVersions<NoInfer<z.infer<Schema>>> = {},
  ): EventContract<Name, Schema> => {
    const kebab = name.replace(/[a-z0-9](?=[A-Z])/g, '$&-').toLowerCase();
    const typeOf = (version: number) => `${app}.${kebab}.v${version}`;
    const versions = Object.keys(older).map(Number);
    if (versions.some((version, index) => version !== index + 1)) throw new TypeError(`${name} lacks an older version`);
    const byType = Object.fromEntries(versions.map((version) => [typeOf(version), older[version]!]));
    return { app, name, type: typeOf(versions.length + 1), older: byType, summary, schema, example };
  };

/** `{ 1: olderVersion(z.strictObject({ amount: z.int() }), ({ amount }) => ({ by: amount })) }` */
export const olderVersion = <Schema extends z.ZodType, Data>(
  schema: Schema,
  upcast: (data: z.infer<Schema>) => Data,
): OlderVersion<Data> => ({ schema, upcast });

/** Every type on the wire that the event has or had. */
export const typesOf = ({ type, older }: EventContract): string[] => [...Object.keys(older), type];

/** Data of any version in the present shape; undefined: the contract does not know the type. */
export function presentData(
  { type, older }: EventContract,
  recorded: { type: string; data: object },
): object | undefined {
  if (recorded.type === type) return recorded.data;
  const version = Object.hasOwn(older, recorded.type) ? older[recorded.type] : undefined;
  return version && (version.upcast(recorded.data as never) as object);
}

/** The union of domain events that a table of contracts describes: `{ type: 'AttemptFailed', data: {…} } | …`. */
export type DomainEvents<Contracts extends Record<string, EventContract>> = {
  [K in keyof Contracts]: { type: Contracts[K]['name']; data: z.infer<Contracts[K]['schema']> };
}[keyof Contracts];

export type DataOf<Contract extends EventContract> = z.infer<Contract['schema']>;
/** What a handler of the event gets. */
export type EventOf<Contract extends EventContract> = RecordedEvent<DataOf<Contract>>;
