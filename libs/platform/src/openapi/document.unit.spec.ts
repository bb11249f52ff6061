import { Validator } from '@seriousme/openapi-schema-validator';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { openApiDocument } from './document.js';

interface Operation {
  operationId: string;
  description?: string;
  security: object[];
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: { required?: string[]; additionalProperties?: boolean } }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
const document = openApiDocument(endpoints) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};

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

  it('has every call, each under a name of its own', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
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
    expect(unlock.requestBody).toBeUndefined();
    expect(unlock.responses['409']!.description).toContain('`not-locked`');
    expect(unlock.responses['401']!.content).toEqual({
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    });

    const login = document.paths['/v1/login']!.post!;
    expect(login.security).toEqual([]);
    expect(login.requestBody!.content['application/json']!.schema).toMatchObject({
      required: ['portal', 'username', 'password'],
      additionalProperties: false,
    });
    const settings = document.paths['/v1/portals/{portal}/settings/two-factor']!.put!;
    expect(settings.responses['409']!.description).toContain('`add-on-required`');
  });

  it('says of a call when it needs a fresh proof', () => {
    const at = (path: string, method: string) => document.paths[`/v1/portals/{portal}${path}`]![method]!;
    const unlock = at('/accounts/{account}/unlock', 'post');
    expect(unlock.description).toMatch(/^A session needs a fresh proof: /);
    expect(unlock.responses['403']!.description).toContain('`re-authentication-required`');
    expect(unlock.responses['423']!.description).toBe('`account-suspended`, `account-locked`');
    expect(at('/accounts', 'post').description).toMatch(/^With `admin: true` a session needs a fresh proof/);
    expect(at('/accounts/{account}', 'patch').description).toMatch(
      /^With `type` or `email` or `admin` or `externalId` or `ssoSubject` /,
    );
    expect(at('/accounts', 'get').description).toBeUndefined();
    expect(document.paths['/v1/me/two-factor/reset']!.post!.description).toMatch(/^A session needs a fresh proof: /);
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
