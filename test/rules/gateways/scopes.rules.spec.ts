import { randomUUID } from 'node:crypto';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { serviceScope } from '#libs/contracts/src/primitives.js';
import type { Api } from '#test/support/calls/client.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const services = new Map<string, Api>();
beforeAll(async () => {
  for (const scope of serviceScope.options) services.set(scope, await portal.service(scope));
});

/** What nobody has, in a portal that there is: whoever may call is told so. */
const pathOf = ({ path }: Endpoint, ofPortal: string) =>
  path.replace(':portal', ofPortal).replaceAll(/:\w+/g, () => randomUUID());
const codeOf = async (api: Api, { method }: Endpoint, path: string) => {
  const { text } = await api.raw(method, path, method === 'GET' ? undefined : { unknown: true });
  return text.startsWith('{') ? (JSON.parse(text) as { code?: string }).code : undefined;
};
// one whose answer goes on for long is another matter
const guarded = endpoints.filter(
  ({ allow, produces, lines }) => !allow.includes('public') && (produces === undefined || lines !== undefined),
);

describe.each(serviceScope.options)('a service token of scope %s', (scope) => {
  it.each(guarded.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    'R33 may call %s only if the contract says so',
    async (_, endpoint) => {
      const may = endpoint.allow.includes(`service:${scope}`);
      const code = await codeOf(services.get(scope)!, endpoint, pathOf(endpoint, portal.id));
      expect({ may, refused: code === 'forbidden' }).toEqual({ may, refused: !may });
    },
  );
});

it.each(
  guarded.filter(({ path }) => path.includes(':portal')).map((endpoint) => [endpoint.operationId, endpoint] as const),
)('R33 no scope reaches another portal by %s', async (_, endpoint) => {
  for (const service of services.values()) {
    expect(await codeOf(service, endpoint, pathOf(endpoint, 'another'))).toBe('not-found');
  }
});

it('R33 what services must not set is a member of the body that it is said of', () => {
  for (const { operationId, closedToServices = [], body } of endpoints) {
    for (const name of closedToServices) {
      const issues = body.safeParse({ [name]: 'x' }).error?.issues ?? [];
      const unknown = issues.some((issue) => issue.code === 'unrecognized_keys' && issue.keys.includes(name));
      expect([operationId, name, unknown]).toEqual([operationId, name, false]);
    }
  }
});
