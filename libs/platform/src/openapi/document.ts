import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { problemDocument, problems, type ProblemCode } from '#libs/contracts/src/problems.js';

type Json = Record<string, unknown>;

/** Made from the values that validate requests, so that the document cannot say anything else. OpenAPI 3.1. */
export function openApiDocument(endpoints: readonly Endpoint[]): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  const reference = (schema: z.ZodType, io: 'input' | 'output'): Json => hoist(schema, io, schemas);
  reference(problemDocument, 'output');
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operationOf(endpoint, reference);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Twinlock',
      version: '1',
      description: 'Two-factor authentication for multi-user portals.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(endpoints.map(({ app }) => app))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        operator: { type: 'http', scheme: 'bearer', description: 'The operator token of this installation.' },
        session: { type: 'http', scheme: 'bearer', description: 'The access token of a login.' },
        service: { type: 'http', scheme: 'bearer', description: 'A service token of a gateway or a tool.' },
      },
    },
  };
}

function operationOf(endpoint: Endpoint, reference: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const { app, operationId, summary, status, produces } = endpoint;
  const body = reference(endpoint.body, 'input');
  const hasBody = Object.keys((body.properties as Json | undefined) ?? body).length > 0;
  const answer = produces
    ? { content: Object.fromEntries(produces.map((type) => [type, { schema: { type: 'string' } }])) }
    : { content: { 'application/json': { schema: reference(endpoint.reply, 'output') } } };
  return {
    operationId,
    summary,
    ...described(endpoint),
    tags: [app],
    security: securityOf(endpoint),
    parameters: [
      ...parametersOf('path', reference(endpoint.params, 'input')),
      ...parametersOf('query', reference(endpoint.query, 'input')),
    ],
    ...(hasBody ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: {
      [status]: { description: STATUS_CODES[status], ...(status === 204 ? {} : answer) },
      ...problemResponses(endpoint),
    },
  };
}

function securityOf({ allow }: Endpoint): Json[] {
  const schemes = allow.flatMap((grant): Json[] => {
    if (grant === 'public') return [];
    if (grant === 'operator') return [{ operator: [] }];
    return grant === 'session' || grant === 'administrator' ? [{ session: [] }] : [{ service: [grant.slice(8)] }];
  });
  return schemes;
}

function described(endpoint: Endpoint): { description?: string } {
  const { closedToServices = [] } = endpoint;
  const closed = closedToServices.map((name) => `\`${name}\``).join(', ');
  const sentences = [proofOf(endpoint), closed && `Closed to service tokens: ${closed}.`].filter((each) => each !== '');
  return sentences.length > 0 ? { description: sentences.join(' ') } : {};
}

function proofOf({ proof }: Endpoint): string {
  if (proof === 'never') return '';
  const fresh =
    'a fresh proof: a login by password or a re-authentication less than 10 minutes ago, with a code while 2FA is active. Without it: 403 `re-authentication-required`, and in `needs` what is missing.';
  if (typeof proof === 'string') return `A session needs ${fresh}`;
  const members = Object.entries(proof.bodyWith).map(([name, values]) =>
    values === undefined || values === 'any value'
      ? `\`${name}\``
      : values.map((one) => `\`${name}: ${String(one)}\``).join(' or '),
  );
  return `With ${members.join(' or ')} a session needs ${fresh}`;
}

const parametersOf = (where: 'path' | 'query', schema: Json): Json[] => {
  const required = (schema.required as string[] | undefined) ?? [];
  return Object.entries((schema.properties as Record<string, Json> | undefined) ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
};

/** What any call can answer, beside the codes of its own. */
function commonCodes({ allow, path, method, proof }: Endpoint): ProblemCode[] {
  const guarded = !allow.includes('public');
  return [
    'malformed-request',
    ...(guarded ? (['unauthenticated', 'forbidden'] as const) : []),
    ...(guarded && allow.some((grant) => grant === 'session' || grant === 'administrator')
      ? (['session-ended'] as const)
      : []),
    ...(proof === 'never' ? [] : (['re-authentication-required', 'account-suspended', 'account-locked'] as const)),
    ...(path.includes(':') ? (['not-found'] as const) : []),
    ...(method === 'GET' ? [] : (['body-too-large', 'unsupported-media-type'] as const)),
    'internal-error',
    'unavailable',
  ];
}

function problemResponses(endpoint: Endpoint): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...commonCodes(endpoint), ...endpoint.errors])) {
    const status = statusOf(code, endpoint);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = { $ref: '#/components/schemas/Problem' };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: { 'application/problem+json': { schema } },
      },
    ]),
  );
}

/** The one code with two statuses: a setting that asks for the add-on conflicts with its absence, a person's call is refused. */
const statusOf = (code: ProblemCode, { allow }: Endpoint): number =>
  code === 'add-on-required' && allow.includes('administrator') ? 409 : problems[code].status;

/** The JSON Schema of a value; schemas that have an id become components. */
function hoist(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  for (const [id, definition] of Object.entries(($defs as Json | undefined) ?? {})) {
    schemas[id] = toComponents(definition as Json);
  }
  return toComponents(own);
}

const toComponents = (schema: Json): Json =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
