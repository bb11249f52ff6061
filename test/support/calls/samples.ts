import { z } from 'zod';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';

/** What the paths and bodies of requests name. */
export interface Named {
  readonly portal: string;
  readonly account: string;
  /** Id of a service token. */
  readonly token: string;
  /** Id of a session of the account. */
  readonly session?: string;
}

export interface Sample {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

const password = 'some password that is long';

/** What stands in a body wherever it has such a member, needed or not. */
const members: Readonly<Record<string, (named: Named) => unknown>> = {
  portal: ({ portal }) => portal,
  id: ({ portal }) => portal,
  accountId: ({ account }) => account,
  username: () => 'somebody',
  displayName: () => 'Another Name',
  password: () => password,
  current: () => password,
  new: () => password,
  code: () => '000000',
  jwksUri: () => 'https://idp.example/jwks',
};
const formats: Readonly<Record<string, string>> = { email: 'eve@example.org', uri: 'https://idp.example/jwks' };

type Schema = z.core.JSONSchema.JSONSchema;

/** A value as the schema takes it, with no more in it than it must have and what `members` names. */
function valueOf(schema: Schema, named: Named): unknown {
  const { const: only, enum: some, anyOf, items, properties = {}, required = [] } = schema;
  if (only !== undefined) return only;
  if (some) return some[0];
  if (anyOf) return valueOf(anyOf[0] as Schema, named);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(properties).flatMap(([name, member]) => {
          if (Object.hasOwn(members, name)) return [[name, members[name]!(named)]];
          return required.includes(name) ? [[name, valueOf(member as Schema, named)]] : [];
        }),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => valueOf(items as Schema, named));
    case 'boolean':
      return false;
    case 'integer':
      return schema.maximum ?? schema.minimum ?? 1;
    default:
      return formats[schema.format ?? ''] ?? 'x'.repeat(Math.max(1, schema.minLength ?? 1));
  }
}

/** What has a name stands in its places. */
function schemaOf(body: z.ZodType): Schema {
  const { $defs = {}, ...schema } = z.toJSONSchema(body, { io: 'input', reused: 'inline', unrepresentable: 'any' });
  const inPlace = (_: string, part: unknown): unknown => {
    const { $ref } = Object(part) as { $ref?: string };
    return $ref === undefined ? part : $defs[$ref.slice('#/$defs/'.length)];
  };
  return JSON.parse(JSON.stringify(schema, inPlace)) as Schema;
}

/** A member of a body, needed or not. */
export const sampleMember = ({ body }: Endpoint, name: string, named: Named): unknown =>
  valueOf(schemaOf(body).properties?.[name] as Schema, named);

const queries: Readonly<Record<string, string>> = { exportEvents: '?format=ndjson' };

/** A request that has nothing wrong with it but what it names and who makes it. @throws where the contract does not say enough */
export function sampleOf({ operationId, method, path, body }: Endpoint, named: Named): Sample {
  const schema = schemaOf(body);
  const sample = Object.keys(schema.properties ?? {}).length > 0 ? valueOf(schema, named) : undefined;
  if (!body.safeParse(sample).success) throw new Error(`${operationId}: what its body must hold is to be added here`);
  const names: Readonly<Record<string, string>> = {
    session: 'no-such-session',
    browser: 'no-such-browser',
    client: 'no-such-client',
    authenticatorId: 'no-such-authenticator',
    ...named,
  };
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    if (!Object.hasOwn(names, name)) throw new Error(`${operationId}: what is to stand for :${name}?`);
    return names[name]!;
  });
  return {
    method,
    path: filled + (queries[operationId] ?? ''),
    ...(sample !== undefined && { body: sample }),
  };
}

export const allEndpoints = endpoints;
export const callOf = ({ method, path }: Endpoint): string => `${method} ${path}`;
