import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { foldUsername } from '#libs/contracts/src/text/fold.js';
import type { CookieName, Cookies } from '#libs/platform/src/http/cookies.js';
import type { KeptField } from './pages/page-calls.js';

const NOBODY = 'nobody';

/** The cookie that a field is kept in. People who share a browser have it remembered each for themselves (R39). */
export function cookieOf(field: KeptField, person: string = NOBODY): CookieName {
  switch (field) {
    case 'accessToken':
      return 'session';
    case 'challenge':
      return 'challenge';
    case 'ssoLogin':
      return 'sso';
    case 'browserToken':
      return `browser-${person}`;
    default:
      return field satisfies never;
  }
}

/** Who logs in, for the name of a cookie: it tells no username to who looks over a shoulder. */
export function personAt(endpoint: Endpoint, request: FastifyRequest, cookies: Cookies): string | undefined {
  if (endpoint !== identityEndpoints.login) {
    const person = cookies.read(request, 'person');
    return person !== undefined && /^[0-9a-f]{16}$/.test(person) ? person : undefined;
  }
  const { portal, username } = (request.body ?? {}) as Record<string, unknown>;
  if (typeof portal !== 'string' || typeof username !== 'string') return undefined;
  const name = JSON.stringify([portal, foldUsername(username)]);
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}
