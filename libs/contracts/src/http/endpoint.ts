import { z } from 'zod';
import type { ProblemCode } from '../problems.js';
import type { HandOverPurpose, ServiceScope } from '../primitives.js';

/** Apps that serve calls. */
export const servingApps = ['identity', 'two-factor', 'admin-policy', 'audit', 'openid'] as const;
/** Those whose store nobody can do without; the others make theirs when they first run. */
export const essentialApps = ['identity', 'two-factor', 'admin-policy', 'audit'] as const;
export type ServingApp = (typeof servingApps)[number];
/** What openid serves beside calls of contracts: the OpenID Provider of each portal, `/p/<portal>/…`. */
export const OPENID_PATHS = '/p/';
/** notify reads events and mails; nobody calls it. */
export const appNames = [...servingApps, 'notify'] as const;
export type AppName = (typeof appNames)[number];
/** Apps that encrypt what they store, each under a key ring. */
export const encryptingApps = ['identity', 'two-factor', 'admin-policy', 'openid'] as const;
export const encrypts = (app: AppName): boolean => encryptingApps.some((one) => one === app);

/** Newline-delimited JSON: a value on each line (https://github.com/ndjson/ndjson-spec). */
export const NDJSON = 'application/x-ndjson';

/** Who may call: anybody (`public`), or the bearer of one of these tokens. Portal and path must agree for all but the operator. */
export type Grant = 'public' | 'operator' | 'session' | 'administrator' | `service:${ServiceScope}`;

/**
 * Which requests of a session need a fresh proof (R14); operator and service tokens are no person's session, and none of
 * theirs do. `in-turn`: the decision itself asks for it, after it has looked at the state. All others are refused before
 * anything is looked at. `bodyWith`: those alone whose body has one of these members, with one of these values.
 */
export type ProofNeed<Member extends string = string> =
  | 'always'
  | 'never'
  | 'in-turn'
  | { readonly bodyWith: Readonly<Partial<Record<Member, 'any value' | readonly unknown[]>>> };

/**
 * Whether the same request a second time changes nothing more and is answered as well, so that a client may repeat it by
 * itself when no answer came. `bodyWith`: those alone whose body has the one member and not the other.
 */
export type Idempotence<Member extends string = string> =
  boolean | { readonly bodyWith: Member; readonly without: Member };

/** Whether the request is to be refused without a fresh proof before it is carried out. */
export function needsProof(need: ProofNeed, body: unknown): boolean {
  if (typeof need === 'string') return need === 'always';
  const members = body as Readonly<Record<string, unknown>>;
  return Object.entries(need.bodyWith).some(
    ([name, values]) =>
      Object.hasOwn(members, name) &&
      members[name] !== undefined &&
      (values === 'any value' || values?.includes(members[name])),
  );
}

/**
 * One value for one HTTP call: route, who may call it, schemas, answers. The same schemas validate requests and make
 * the OpenAPI document; the same routes forward requests to the app that serves them.
 */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Headers extends z.ZodType = z.ZodType,
> {
  readonly app: ServingApp;
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** find-my-way syntax: `/v1/portals/:portal`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly allow: readonly Grant[];
  readonly proof: ProofNeed;
  /** As the method has it (RFC 9110 §9.2.2) unless told. */
  readonly idempotent: Idempotence;
  /** A session that can only set up 2FA may make it (R37). */
  readonly enrolling?: true;
  /** A session by hand-over may make it that is for this purpose, or for managing; no other call is open to one (R34). */
  readonly handOverFor?: HandOverPurpose;
  /** Members of the body that no service token may send (R33). */
  readonly closedToServices?: readonly string[];
  readonly params: Params;
  readonly query: Query;
  /** Those that the call reads, by their names in lower case. */
  readonly headers: Headers;
  readonly body: Body;
  /** What the body may have; 64 KiB unless told. */
  readonly bodyBytes?: number;
  readonly status: 200 | 201 | 204;
  readonly reply: Reply;
  /** For so long caches between may answer in place of the app; not at all unless told. */
  readonly cacheSeconds?: number;
  /** Media type of the reply where it is not JSON. */
  readonly produces?: readonly string[];
  /** NDJSON both ways, of any length, a line at a time: what a line of the body has, and one of the reply. The handler reads the body. */
  readonly lines?: { readonly body: z.ZodType; readonly reply: z.ZodType };
  /** Codes beside those that any call can have (malformed-request, unauthenticated, unavailable, …). */
  readonly errors: readonly ProblemCode[];
}

const nothing = z.strictObject({});
type Nothing = typeof nothing;
const anyHeaders = z.object({});
type AnyHeaders = typeof anyHeaders;
/** Calls without a body take none or `{}`. */
const emptyBody = z.strictObject({}).optional().default({});
type EmptyBody = typeof emptyBody;

interface Definition<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
  H extends z.ZodType,
> extends Omit<
  Endpoint<P, Q, B, R, H>,
  | 'app'
  | 'operationId'
  | 'method'
  | 'path'
  | 'proof'
  | 'idempotent'
  | 'closedToServices'
  | 'params'
  | 'query'
  | 'headers'
  | 'body'
  | 'status'
  | 'reply'
  | 'errors'
> {
  /** To be said of every call by which a session can change something. */
  proof?: ProofNeed<keyof z.output<B> & string>;
  idempotent?: Idempotence<keyof z.output<B> & string>;
  closedToServices?: readonly (keyof z.output<B> & string)[];
  params?: P;
  query?: Q;
  headers?: H;
  body?: B;
  status?: 200 | 201 | 204;
  reply?: R;
  errors?: readonly ProblemCode[];
}

/** `endpoint('identity', 'login', 'POST /v1/login', {…})` */
export function endpoint<
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = EmptyBody,
  R extends z.ZodType = z.ZodVoid,
  H extends z.ZodType = AnyHeaders,
>(
  app: ServingApp,
  operationId: string,
  route: `${Endpoint['method']} /${string}`,
  definition: Definition<P, Q, B, R, H>,
): Endpoint<P, Q, B, R, H> {
  const [method, path] = route.split(' ') as [Endpoint['method'], Endpoint['path']];
  if (definition.allow.includes('session') && definition.allow.includes('administrator')) {
    throw new TypeError(`${operationId}: administrators act as such, or as users, not as both`);
  }
  const bySession = definition.allow.some((grant) => grant === 'session' || grant === 'administrator');
  if (bySession && method !== 'GET' && definition.proof === undefined) {
    throw new TypeError(`${operationId}: nobody has said whether it needs a fresh proof`);
  }
  return {
    errors: [],
    proof: 'never',
    idempotent: method === 'GET' || method === 'PUT' || method === 'DELETE',
    ...definition,
    app,
    operationId,
    method,
    path,
    params: definition.params ?? (nothing as unknown as P),
    query: definition.query ?? (nothing as unknown as Q),
    headers: definition.headers ?? (anyHeaders as unknown as H),
    body: definition.body ?? (emptyBody as unknown as B),
    status: definition.status ?? (definition.reply ? 200 : 204),
    reply: definition.reply ?? (z.void() as unknown as R),
  };
}

export type ReplyOf<E extends Endpoint> = z.input<E['reply']>;
