import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CHALLENGE_LASTS_MS } from '#libs/contracts/src/rules.js';

/** What the browser keeps for the page, out of its reach. */
export type CookieName = 'session' | 'challenge' | 'operator';

/** Seconds; without one the browser forgets the cookie when it closes. No cookie outlives what is in it. */
const maxAge = { session: undefined, challenge: CHALLENGE_LASTS_MS / 1_000, operator: 3600 } as const;

/** `__Host-`: set by this very host over https, and by no neighbour of its domain (RFC 6265bis §4.1.3). */
const nameOf = (name: CookieName, secure: boolean): string => `${secure ? '__Host-' : ''}twinlock-${name}`;

/** By the proxy's word where the proxy is believed. */
const isSecure = (request: FastifyRequest): boolean => request.protocol === 'https';

export function readCookie(request: FastifyRequest, name: CookieName): string | undefined {
  const value = parseCookie(request.headers.cookie ?? '')[nameOf(name, isSecure(request))];
  return value === '' ? undefined : value;
}

/** Undefined ends it. */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  name: CookieName,
  value: string | undefined,
): void {
  const secure = isSecure(request);
  const age = value === undefined ? 0 : maxAge[name];
  const cookie = stringifySetCookie({
    name: nameOf(name, secure),
    value: value ?? '',
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    ...(age !== undefined && { maxAge: age }),
  });
  void reply.header('set-cookie', cookie);
}
