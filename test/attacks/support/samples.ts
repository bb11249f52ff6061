import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';

/** What the paths and bodies of requests name. */
export interface Named {
  readonly portal: string;
  readonly account: string;
  /** Id of a service token. */
  readonly token: string;
}

export interface Sample {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

const password = 'some password that is long';
const nameless = '000000';

/** A well-formed body for each call that takes one. */
const bodies: Readonly<Record<string, (named: Named) => unknown>> = {
  createPortal: ({ portal }) => ({ id: portal, admin: { username: 'somebody', password } }),
  registerAccount: () => ({ username: 'somebody', password, type: 'contributor' }),
  changeAccount: () => ({ displayName: 'Another Name' }),
  changePassword: () => ({ current: password, new: password }),
  reAuthenticate: () => ({ password, code: nameless }),
  login: ({ portal }) => ({ portal, username: 'somebody', password }),
  loginWithCode: () => ({ challenge: 'no challenge', code: nameless }),
  loginWithToken: ({ portal }) => ({ portal, token: 'no token' }),
  loginWithSso: ({ portal }) => ({ portal, idToken: 'no token' }),
  confirmTwoFactor: () => ({ code: nameless }),
  openChallenge: ({ account }) => ({ accountId: account }),
  verifyChallenge: () => ({ challenge: 'no challenge', code: nameless }),
  issueServiceToken: () => ({ name: 'a tool', scopes: ['events'] }),
  changeTwoFactorSettings: () => ({ enabled: false, maxFailedAttempts: 100 }),
  changeSsoSettings: () => ({ issuer: 'https://idp.example', audience: 'a', jwksUri: 'https://idp.example/jwks' }),
};
const queries: Readonly<Record<string, string>> = { exportEvents: '?format=ndjson' };

/** A request that has nothing wrong with it but what it names and who makes it. @throws for a call that has no sample here */
export function sampleOf({ operationId, method, path, body }: Endpoint, named: Named): Sample {
  const sample = bodies[operationId]?.(named);
  if (!body.safeParse(sample).success) throw new Error(`${operationId}: a well-formed body is to be added here`);
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    if (!Object.hasOwn(named, name)) throw new Error(`${operationId}: what is to stand for :${name}?`);
    return named[name as keyof Named];
  });
  return {
    method,
    path: filled + (queries[operationId] ?? ''),
    ...(sample !== undefined && { body: sample }),
  };
}

export const allEndpoints = endpoints;
export const callOf = ({ method, path }: Endpoint): string => `${method} ${path}`;
