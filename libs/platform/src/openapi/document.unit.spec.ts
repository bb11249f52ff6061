import { Validator } from '@seriousme/openapi-schema-validator';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { openApiDocument } from './document.js';

interface Reference {
  $ref: string;
}
interface Schema extends Partial<Reference> {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: unknown;
  oneOf?: Reference[];
  anyOf?: Schema[];
  discriminator?: { propertyName: string; mapping: Record<string, string> };
}
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  security: object[];
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: Reference }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
const document = openApiDocument(endpoints) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
const { schemas } = document.components;
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const operation = (id: string): Operation => operations.find(({ operationId }) => operationId === id)!;
const schemaAt = ({ $ref }: Partial<Reference>): Schema => schemas[$ref!.replace('#/components/schemas/', '')]!;
const bodyOf = ({ requestBody }: Operation): Schema => schemaAt(requestBody!.content['application/json']!.schema);
const resultOf = ({ responses }: Operation): Reference | undefined =>
  (responses['200'] ?? responses['201'])?.content?.['application/json']?.schema as Reference | undefined;
/** Every object and array in the document. */
const parts: Record<string, unknown>[] = [];
JSON.stringify(document, (_, value: unknown) => {
  if (typeof value === 'object' && value !== null) parts.push(value as Record<string, unknown>);
  return value;
});

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target!);
    expect(references).toContain('#/components/schemas/Account');
    for (const reference of references) {
      expect(document.components.schemas).toHaveProperty([reference.replace('#/components/schemas/', '')]);
    }
  });

  it('has lines both ways as a text, and what a line has among the schemas', () => {
    const { requestBody, responses } = operation('importAccounts');
    const lines = { 'application/x-ndjson': { schema: { type: 'string' } } };
    expect(requestBody).toEqual({ required: true, content: lines });
    expect(responses['200']?.content).toEqual(lines);
    expect(schemas.AccountToImport?.required).toEqual(['username']);
    expect(schemas.ImportResult?.required).toEqual(['line', 'outcome']);
  });

  it('has every call, each under a name of its own', () => {
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(
      endpoints.map(({ operationId }) => operationId).sort(),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('says of a call who may make it, what it takes and all it answers', () => {
    const unlock = document.paths['/v1/portals/{portal}/accounts/{account}/unlock']!.post!;
    expect(unlock.security).toEqual([{ session: [] }, { service: ['commands'] }, { operator: [] }]);
    expect(unlock.parameters.map(({ name, in: where, required }) => [name, where, required])).toEqual([
      ['portal', 'path', true],
      ['account', 'path', true],
    ]);
    expect(unlock.responses['410']!.description).toBe('`account-deleted`');
    expect(unlock.requestBody).toBeUndefined();
    expect(unlock.responses['409']!.description).toContain('`not-locked`');
    expect(unlock.responses['401']!.content).toEqual({
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    });

    const login = document.paths['/v1/login']!.post!;
    expect(login.security).toEqual([]);
    expect(bodyOf(login)).toMatchObject({
      required: ['portal', 'username', 'password'],
      additionalProperties: false,
    });
    const settings = document.paths['/v1/portals/{portal}/settings/two-factor']!.put!;
    expect(settings.responses['409']!.description).toContain('`add-on-required`');
  });

  it('says of a call when it needs a fresh proof', () => {
    const at = (path: string, method: string) => document.paths[`/v1/portals/{portal}${path}`]![method]!;
    const unlock = at('/accounts/{account}/unlock', 'post');
    expect(unlock.description).toMatch(/^A session needs a fresh proof: /m);
    expect(unlock.responses['403']!.description).toContain('`re-authentication-required`');
    expect(unlock.responses['423']!.description).toBe('`account-suspended`, `account-locked`');
    expect(at('/accounts', 'post').description).toMatch(/^With `admin: true` a session needs a fresh proof/m);
    expect(at('/accounts/{account}', 'patch').description).toMatch(
      /^With `type` or `email` or `admin` or `externalId` or `ssoSubject` /m,
    );
    expect(at('/accounts', 'get').description).not.toContain('fresh proof');
    expect(document.paths['/v1/me/two-factor/reset']!.post!.description).toMatch(/^A session needs a fresh proof: /m);
  });

  it('has a page as query parameters, none required', () => {
    const list = document.paths['/v1/portals']!.get!;
    expect(list.parameters).toMatchObject([
      { name: 'query', in: 'query', required: false },
      { name: 'after', in: 'query', required: false },
      {
        name: 'limit',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      },
    ]);
  });
});

describe('what generators of clients make of the document', () => {
  it('is told by name: each body and each result is a component', () => {
    for (const { operationId, requestBody, responses } of operations) {
      const contents = [requestBody, ...Object.values(responses)].flatMap((each) =>
        Object.entries(each?.content ?? {}),
      );
      for (const [type, { schema }] of contents.filter(([type]) => type.endsWith('json') && !type.includes('ndjson'))) {
        expect([operationId, type, schema]).toEqual([operationId, type, { $ref: expect.any(String) as string }]);
      }
    }
    expect(resultOf(operation('openChallenge'))).toEqual({ $ref: '#/components/schemas/ChallengeAnswer' });
    expect(resultOf(operation('login'))).toEqual({ $ref: '#/components/schemas/LoginResult' });
  });

  it('has a description of each call, with who may make it', () => {
    for (const { operationId, summary, description } of operations) {
      expect([operationId, summary]).toEqual([operationId, expect.stringMatching(/^.+\.$/)]);
      expect([operationId, description]).toEqual([operationId, expect.stringMatching(/^Needs (no|a|an|the) .+\.$/m)]);
    }
    expect(operation('login').summary).toBe('Log in with username and password.');
    expect(operation('login').description).toMatch(
      /^The answer says whether a code is required\. .+\n\nNeeds no token\.$/,
    );
    expect(operation('setUpTwoFactor').description).toMatch(
      /Needs a session, also one that can only set up 2FA, also that of a person whom a gateway has handed over\./,
    );
    expect(operation('registerAccount').description).toMatch(/\n\nService tokens cannot send `password`, `admin`\.$/);
  });

  it('has unions of names alone, told apart by a text where there is one', () => {
    for (const { oneOf } of parts.filter((part) => 'oneOf' in part) as Schema[]) {
      expect(oneOf).toEqual(oneOf!.map(() => ({ $ref: expect.any(String) as string })));
    }
    expect(schemas.LoginResult!.discriminator).toEqual({
      propertyName: 'status',
      mapping: {
        complete: '#/components/schemas/LoginComplete',
        'code-required': '#/components/schemas/LoginCodeRequired',
        'enrolment-required': '#/components/schemas/LoginEnrolmentRequired',
      },
    });
  });

  it('has one object where no text tells the parts of a union apart, and no constants that are no texts', () => {
    const { challenge, expiresAt, enrolment } = schemas.ChallengeAnswer!.properties!;
    expect(schemas.ChallengeAnswer).toEqual({
      type: 'object',
      properties: { required: { type: 'boolean' }, enrolment, challenge, expiresAt },
      required: ['required'],
    });
    expect([challenge, expiresAt]).toMatchObject([{ type: 'string' }, { type: 'string', format: 'date-time' }]);
    expect(enrolment).toEqual({ $ref: '#/components/schemas/Enrolment' });
    expect(schemas.ChallengePassed!.properties!.passed).toEqual({ type: 'boolean' });
    expect(parts.filter((part) => typeof part.const === 'boolean')).toEqual([]);
  });

  it.each([
    ['loginWithCode', ['remember']],
    ['verifyChallenge', []],
  ])('%s takes exactly one code', (id, more) => {
    const variants = bodyOf(operation(id)).oneOf!.map(schemaAt);
    expect(variants.map(({ properties }) => Object.keys(properties!))).toEqual([
      ['challenge', 'code', ...more],
      ['challenge', 'backupCode', ...more],
    ]);
    expect(variants.map(({ required }) => required)).toEqual([
      ['challenge', 'code'],
      ['challenge', 'backupCode'],
    ]);
    expect(variants).toMatchObject([{ additionalProperties: false }, { additionalProperties: false }]);
  });

  it('a re-authentication takes one code at most', () => {
    const variants = bodyOf(operation('reAuthenticate')).anyOf!.map(schemaAt);
    expect(variants.map(({ properties, required }) => [Object.keys(properties!), required])).toEqual([
      [['password', 'code'], ['password']],
      [['password', 'backupCode'], ['password']],
    ]);
  });

  it('has no closed tuple, and no schema that is a mere boolean', () => {
    expect(parts.filter((part) => 'prefixItems' in part || typeof part.items === 'boolean')).toEqual([]);
    expect(schemas.IssueServiceTokenBody!.properties!.publicKey!.properties!.key_ops).toEqual({
      type: 'array',
      items: { type: 'string', const: 'verify' },
      minItems: 1,
      maxItems: 1,
    });
  });

  it('has null as a type, and beside a name alone as a part', () => {
    for (const { anyOf } of parts.filter((part) => 'anyOf' in part) as Schema[]) {
      if (!anyOf!.some(({ type }) => type === 'null')) continue;
      expect(anyOf).toEqual([{ $ref: expect.any(String) as string }, { type: 'null' }]);
    }
    expect(schemas.ChangeAccountBody!.properties!.displayName).toMatchObject({
      type: ['string', 'null'],
      minLength: 1,
    });
    expect(schemas.AccountOfBatch!.properties!.email).toMatchObject({ type: ['string', 'null'], format: 'email' });
  });

  it('has patterns that need no flag, and none of a time', () => {
    const patterned = parts.filter(({ pattern }) => typeof pattern === 'string') as {
      pattern: string;
      format?: string;
    }[];
    expect(patterned.length).toBeGreaterThan(10);
    for (const { pattern, format } of patterned) {
      expect(pattern).not.toMatch(/\\p\{/i);
      expect(() => new RegExp(pattern)).not.toThrow();
      expect(format).not.toBe('date-time');
    }
    const { externalId } = schemas.RegisterAccountBody!.properties as Record<string, { pattern: string }>;
    const taken = ['u-1042', '\u0000', 'a\u007Fb', 'é'].map((text) => new RegExp(externalId!.pattern).test(text));
    expect(taken).toEqual([true, false, false, true]);
  });

  it('has no bounds that are those of JavaScript', () => {
    const bounds = parts.flatMap(({ minimum, maximum }) => [minimum, maximum]);
    expect(bounds).not.toContain(Number.MAX_SAFE_INTEGER);
    expect(bounds).not.toContain(Number.MIN_SAFE_INTEGER);
  });

  it('has the bounds of names and passwords, and scopes once each', () => {
    const { username, password } = schemas.RegisterAccountBody!.properties!;
    expect(username).toMatchObject({ minLength: 1, maxLength: 128 });
    expect(password).toMatchObject({ minLength: 8, maxLength: 256 });
    expect(schemas.ChangePasswordBody!.properties).toMatchObject({
      current: { maxLength: 2048 },
      new: { minLength: 8, maxLength: 256 },
    });
    expect(schemas.ChangeSsoSettingsBody!.properties!.jwksUri).toMatchObject({ format: 'uri' });
    expect(schemas.IssueServiceTokenBody!.properties!.scopes).toMatchObject({
      items: { $ref: '#/components/schemas/ServiceScope' },
      uniqueItems: true,
    });
  });

  it('has the members of a problem, and lets a later release add some to an answer', () => {
    expect(schemas.Problem!.properties).toMatchObject({
      attemptsLeft: { type: 'integer', minimum: 0 },
      clockOffSeconds: { type: 'integer' },
      needs: { type: 'array', items: { type: 'string', enum: ['password', 'code', 'hand-over'] } },
      errors: { type: 'array', items: { required: ['field', 'message'] } },
      retryAfter: { type: 'integer' },
      allow: { type: 'array' },
      requestId: { type: 'string' },
    });
    expect(schemas.Problem!.required).toEqual(['type', 'title', 'status', 'code', 'detail']);
    expect(schemas.Account).not.toHaveProperty('additionalProperties');
    expect(schemas.RegisterAccountBody!.additionalProperties).toBe(false);
  });

  it('has the header from which the live stream goes on', () => {
    expect(operation('streamEvents').parameters).toContainEqual({
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      schema: { type: 'string', description: expect.any(String) as string },
    });
  });
});
