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
/** The account that acted; undefined: it was nobody with an account in the portal. */
export const accountOfActor = ({ kind, id }: Actor): string | undefined =>
  kind === 'user' || kind === 'administrator' ? id : undefined;

/** Where an event comes from (R46): equal members join an attempt, its login and its lock. */
const contextMembers = {
  correlationId: opaqueId.meta({ description: 'Of the request that began it all.' }),
  causationId: z.string().max(256).optional().meta({ description: 'Of the event or the command that caused it.' }),
  traceparent: z
    .string()
    .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .optional()
    .meta({ description: 'W3C Trace Context.' }),
  sessionId: opaqueId.optional().meta({ description: 'Of the session; never its token.' }),
  challengeId: opaqueId.optional(),
  entrance: z
    .enum(['http', 'bus', 'system'])
    .meta({ description: 'Whether it came by HTTP, as a command on the bus, or by the doing of an app.' }),
};
/** What another release knows beside it is kept: it is hashed. */
export const eventContext = z.looseObject(contextMembers).meta({ id: 'EventContext' });
export type EventContext = z.infer<z.ZodObject<typeof contextMembers>>;

/** Personal data under a key that can be destroyed (R42): AES-256-GCM, with the id of the event as additional data. */
export const sealedText = z
  .strictObject({
    kid: z.string().max(160).meta({ description: 'Names the key: of an account, or of an account and a month.' }),
    ciphertext: z.string().max(16_384).meta({ description: 'IV, ciphertext and tag, in Base64.' }),
  })
  .meta({ id: 'Sealed' });
export type SealedText = z.infer<typeof sealedText>;

const personal = z
  .strictObject({
    person: sealedText.optional().meta({ description: 'Of the person whom the event describes.' }),
    origin: sealedText.optional().meta({ description: 'Of where the act came from: address and user agent.' }),
  })
  .meta({ id: 'Personal' });
export type Personal = z.infer<typeof personal>;

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
    context: eventContext,
    data: z.record(z.string(), z.unknown()),
    personal: personal.optional(),
    streamVersion: z.int().positive(),
    previousHash: z.string().regex(/^[0-9a-f]{64}$/),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .meta({ id: 'Event' });
export interface RecordedEvent<Data = Record<string, unknown>> extends Omit<
  z.infer<typeof recordedEvent>,
  'data' | 'context'
> {
  data: Data;
  context: EventContext;
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
/** By version, without a gap. */
export type OlderVersions<Data = unknown> = Readonly<Record<number, OlderVersion<Data>>>;

/** One value for one event: its name in the log, its types on the wire, the schema of its data, an example. */
export interface EventContract<
  Name extends string = string,
  Schema extends z.ZodType = z.ZodType,
  Person extends z.ZodType | undefined = z.ZodType | undefined,
> {
  readonly app: SourceApp;
  readonly name: Name;
  /** As it is recorded now: `two-factor.attempt-failed.v1`. */
  readonly type: string;
  /** As it was recorded earlier, by type. */
  readonly older: Readonly<Record<string, OlderVersion<z.infer<Schema>>>>;
  readonly summary: string;
  readonly schema: Schema;
  readonly example: z.infer<Schema>;
  /** What it says of the person it describes: sealed in the log and on the bus (R42). */
  readonly person?: Person;
}

/**
 * Makes the contracts of one app's events. A new optional member is added to the schema. Any other change of the shape is a new
 * version, which follows from the shape of before standing in `older`: readers get the present shape, whichever was recorded.
 */
export const eventsOf =
  (app: SourceApp) =>
  <const Name extends string, Schema extends z.ZodType, Person extends z.ZodType | undefined = undefined>(
    name: Name,
    summary: string,
    schema: Schema,
    example: z.infer<Schema>,
    { older = {}, first = 1, person }: EventOptions<NoInfer<z.infer<Schema>>, Person> = {},
  ): EventContract<Name, Schema, Person> => {
    const kebab = name.replace(/[a-z0-9](?=[A-Z])/g, '$&-').toLowerCase();
    const typeOf = (version: number) => `${app}.${kebab}.v${version}`;
    const versions = Object.keys(older).map(Number);
    if (versions.some((version, index) => version !== index + first))
      throw new TypeError(`${name} lacks an older version`);
    const byType = Object.fromEntries(versions.map((version) => [typeOf(version), older[version]!]));
    const type = typeOf(versions.length + first);
    return { app, name, type, older: byType, summary, schema, example, ...(person && { person }) };
  };

export interface EventOptions<Data, Person> {
  /** The shapes it had before, from `first` on. */
  readonly older?: OlderVersions<Data>;
  /** The first version that is read; 1 unless told. */
  readonly first?: number;
  readonly person?: Person;
}

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

/** The union of domain events that a table of contracts describes, as they are decided: `{ type: 'AttemptFailed', data: {…} } | …`. */
export type DomainEvents<Contracts extends Record<string, EventContract>> = {
  [K in keyof Contracts]: { type: Contracts[K]['name']; data: z.infer<Contracts[K]['schema']> } & PersonOf<
    Exclude<Contracts[K]['person'], undefined>
  >;
}[keyof Contracts];
/** Where the schema is optional, so is what is said of the person. */
type PersonOf<Person> = [Person] extends [never]
  ? unknown
  : undefined extends z.infer<Person>
    ? { person?: Exclude<z.infer<Person>, undefined> }
    : { person: z.infer<Person> };

export type DataOf<Contract extends EventContract> = z.infer<Contract['schema']>;
/** What a handler of the event gets. */
export type EventOf<Contract extends EventContract> = RecordedEvent<DataOf<Contract>>;
