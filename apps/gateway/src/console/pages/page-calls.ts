import { z } from 'zod';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';

/** Fields that let in whoever has them, in answers and in bodies: each is kept in a cookie instead. */
export const keptFields = ['accessToken', 'challenge', 'browserToken', 'ssoLogin'] as const;
export type KeptField = (typeof keptFields)[number];
const isKept = (field: string): field is KeptField => keptFields.some((kept) => kept === field);

/** Of the operator's calls those that the console has screens for. */
const ofOperator: readonly Endpoint[] = [
  adminPolicyEndpoints.getInstallation,
  adminPolicyEndpoints.listPortals,
  adminPolicyEndpoints.grantAddOn,
  adminPolicyEndpoints.revokeAddOn,
  adminPolicyEndpoints.issueServiceToken,
  adminPolicyEndpoints.revokeServiceToken,
  adminPolicyEndpoints.registerClient,
  adminPolicyEndpoints.removeClient,
  identityEndpoints.createPortal,
];

/** Says which service tokens there are, and has none of them. */
const LISTED = 'serviceTokens';

/**
 * Of the calls that answer with a token or a client's secret those whose answer the page gets: somebody asked for it to hand it on, the operator to
 * another program, an administrator to a person, and reads it this once. It is no cookie's, since it is not for who is logged in
 * here. What an injected script could do with one it can do without: whoever may make one may also register an administrator.
 */
const HANDED_ON: ReadonlySet<Endpoint> = new Set<Endpoint>([
  adminPolicyEndpoints.issueServiceToken,
  adminPolicyEndpoints.registerClient,
  identityEndpoints.issueLoginToken,
]);

export interface PageCall {
  readonly endpoint: Endpoint;
  /** Taken out of its answers. */
  readonly kept: readonly KeptField[];
  /** Put into its body from the cookie. */
  readonly restored: readonly KeptField[];
  /** Never ends by itself, or is a file of any length: goes through as it comes. */
  readonly streams: boolean;
}

/**
 * What the page may call: what anybody or a session may, and the operator's screens. A call that answers with another
 * token is not among them unless it is for handing on, since there is no cookie to keep that in.
 */
export const pageCalls: readonly PageCall[] = endpoints.filter(isOfPage).map((endpoint) => ({
  endpoint,
  kept: keptIn(fieldsOf(endpoint.reply, 'output')),
  restored: keptIn(fieldsOf(endpoint.body, 'input')),
  streams: endpoint.produces !== undefined,
}));

function isOfPage(endpoint: Endpoint): boolean {
  const { allow, reply, bodyBytes } = endpoint;
  // for programs that send many at once
  if (bodyBytes !== undefined) return false;
  const callable = allow.some((grant) => grant === 'public' || grant === 'session' || grant === 'administrator');
  if (!callable && !ofOperator.includes(endpoint)) return false;
  if (HANDED_ON.has(endpoint)) return true;
  return [...fieldsOf(reply, 'output')].every(
    (field) => isKept(field) || field === LISTED || !/token|^clientSecret/i.test(field),
  );
}

function keptIn(fields: ReadonlySet<string>): KeptField[] {
  return keptFields.filter((field) => fields.has(field));
}

/** The names of all fields of a schema, at any depth. */
export function fieldsOf(schema: z.ZodType, io: 'input' | 'output'): ReadonlySet<string> {
  const names = new Set<string>();
  walk(z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }), names);
  return names;
}

function walk(part: unknown, names: Set<string>): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [key, value] of Object.entries(part)) {
    if (key === 'properties') for (const name of Object.keys(value as object)) names.add(name);
    walk(value, names);
  }
}
