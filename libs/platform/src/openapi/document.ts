import { STATUS_CODES } from 'node:http';
import { type Endpoint, type Grant, NDJSON } from '#libs/contracts/src/http/endpoint.js';
import { problemDocument, problems, type ProblemCode } from '#libs/contracts/src/problems.js';
import type { Json } from './for-generators.js';
import { capitalized, Schemas } from './schemas.js';

/** Made from the values that validate requests, so that the document cannot say anything else. OpenAPI 3.1. */
export function openApiDocument(endpoints: readonly Endpoint[]): Json {
  const schemas = new Schemas();
  const paths: Record<string, Json> = {};
  schemas.of(problemDocument, 'output');
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = operationOf(endpoint, schemas);
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
      schemas: schemas.components,
      securitySchemes: {
        operator: { type: 'http', scheme: 'bearer', description: 'The operator token of this installation.' },
        session: { type: 'http', scheme: 'bearer', description: 'The access token of a login.' },
        service: { type: 'http', scheme: 'bearer', description: 'A service token of a gateway or a tool.' },
      },
    },
  };
}

function operationOf(endpoint: Endpoint, schemas: Schemas): Json {
  const { app, operationId, status, produces, lines } = endpoint;
  const name = capitalized(operationId);
  // a body of lines is a text; what each has, a client finds among the schemas
  if (lines)
    for (const [line, io] of [
      [lines.body, 'input'],
      [lines.reply, 'output'],
    ] as const)
      schemas.of(line, io);
  const hasBody = Object.keys((schemas.of(endpoint.body, 'input').properties as Json | undefined) ?? {}).length > 0;
  const body = () => ({ required: true, content: json(schemas.named(`${name}Body`, endpoint.body, 'input')) });
  const answer = produces
    ? { content: text(produces) }
    : { content: json(schemas.named(`${name}Result`, endpoint.reply, 'output')) };
  return {
    operationId,
    ...described(endpoint),
    tags: [app],
    security: securityOf(endpoint),
    parameters: [
      ...parametersOf('path', schemas.of(endpoint.params, 'input')),
      ...parametersOf('query', schemas.of(endpoint.query, 'input')),
      ...parametersOf('header', schemas.of(endpoint.headers, 'input')),
    ],
    ...(hasBody && { requestBody: body() }),
    ...(lines && { requestBody: { required: true, content: text([NDJSON]) } }),
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

const json = (schema: Json): Json => ({ 'application/json': { schema } });
const text = (types: readonly string[]): Json =>
  Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }]));

/** The first sentence of what the contract says, and the rest of it with what follows from the contract. */
function described(endpoint: Endpoint): { summary: string; description: string } {
  const { closedToServices = [] } = endpoint;
  const [summary, more] = endpoint.summary.split(/(?<=\.) (.*)/s) as [string, string?];
  const closed = closedToServices.map((name) => `\`${name}\``).join(', ');
  const paragraphs = [
    more,
    callersOf(endpoint),
    proofOf(endpoint),
    closed && `Service tokens cannot send ${closed}.`,
  ].filter(Boolean);
  return { summary, description: paragraphs.join('\n\n') };
}

const eitherOf = new Intl.ListFormat('en', { type: 'disjunction' });

const handedOverTo = {
  pass: ', also that of a person whom a gateway has handed over',
  manage: ', also that of a person whom a gateway has handed over to their own page',
} as const;
function callersOf({ allow, enrolling, handOverFor }: Endpoint): string {
  if (allow.includes('public')) return 'Needs no token.';
  return `Needs ${eitherOf.format(allow.map(tokenOf))}${enrolling ? ', also one that can only set up 2FA' : ''}${handOverFor ? handedOverTo[handOverFor] : ''}.`;
}

function tokenOf(grant: Grant): string {
  if (grant === 'operator') return 'the operator token';
  if (grant === 'administrator') return 'a session of an administrator of the portal';
  return grant === 'session' ? 'a session' : `a service token with scope \`${grant.slice('service:'.length)}\``;
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

const parametersOf = (where: 'path' | 'query' | 'header', schema: Json): Json[] => {
  const required = (schema.required as string[] | undefined) ?? [];
  return Object.entries((schema.properties as Record<string, Json> | undefined) ?? {}).map(([name, property]) => ({
    name: where === 'header' ? headerName(name) : name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
};

/** `last-event-id` as standards write it. */
const headerName = (name: string): string => name.split('-').map(capitalized).join('-').replace(/-Id$/, '-ID');

/** What any call can answer, beside the codes of its own. */
function commonCodes({ allow, path, method, proof, enrolling }: Endpoint): ProblemCode[] {
  const guarded = !allow.includes('public');
  return [
    'malformed-request',
    ...(guarded ? (['unauthenticated', 'forbidden'] as const) : []),
    ...(guarded && allow.some((grant) => grant === 'session' || grant === 'administrator')
      ? (['session-ended', ...(enrolling ? [] : (['enrolment-required'] as const))] as const)
      : []),
    ...(proof === 'never' ? [] : (['re-authentication-required', 'account-suspended', 'account-locked'] as const)),
    ...(path.includes(':') ? (['not-found'] as const) : []),
    // to delete it again changes nothing, and is no fault
    ...(path.includes(':account') && !(method === 'DELETE' && path.endsWith(':account'))
      ? (['account-deleted'] as const)
      : []),
    ...(method === 'GET' ? [] : (['body-too-large', 'unsupported-media-type'] as const)),
    'internal-error',
    'unavailable',
  ];
}

/** Every code that the call can answer. */
export const codesOf = (endpoint: Endpoint): ProblemCode[] => [
  ...new Set([...commonCodes(endpoint), ...endpoint.errors]),
];

function problemResponses(endpoint: Endpoint): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codesOf(endpoint)) {
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
