import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CHALLENGE_LASTS_MS, SSO_LOGIN_LASTS_MS } from '#libs/contracts/src/limits.js';

/** What the browser keeps for the page, out of its reach. */
export type CookieName = 'session' | 'challenge' | 'operator' | 'person' | 'sso' | BrowserCookie | HandOverCookie;
/** Of a browser that is remembered, for each person who uses it. */
export type BrowserCookie = `browser-${string}`;

/** Of a person whom a gateway has handed over: for each, so that two in one browser do not meet (R34). */
export type HandOverCookie = `hand-over-${string}`;
/** Of a hand-over that is named by this; undefined: nothing is named so. */
export const handOverCookie = (uid: string): HandOverCookie | undefined =>
  /^[0-9a-f-]{36}$/.test(uid) ? `hand-over-${uid}` : undefined;

/** Seconds; without one the browser forgets the cookie when it closes. No cookie outlives what is in it. */
const maxAge: Readonly<Partial<Record<CookieName, number>>> = {
  challenge: CHALLENGE_LASTS_MS / 1_000,
  person: CHALLENGE_LASTS_MS / 1_000,
  sso: SSO_LOGIN_LASTS_MS / 1_000,
  operator: 3600,
};

export class Cookies {
  /** @param secure whether browsers come by https */
  constructor(private readonly secure: boolean) {}

  read(request: Pick<FastifyRequest, 'headers'>, name: CookieName): string | undefined {
    const value = parseCookie(request.headers.cookie ?? '')[this.nameOf(name)];
    return value === '' ? undefined : value;
  }

  /** Undefined ends it. `until`: milliseconds since 1970, where it is told with the value. */
  set(reply: FastifyReply, name: CookieName, value: string | undefined, until?: number): void {
    const told = until === undefined ? maxAge[name] : Math.max(0, Math.floor((until - Date.now()) / 1_000));
    const age = value === undefined ? 0 : told;
    const cookie = stringifySetCookie({
      name: this.nameOf(name),
      value: value ?? '',
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: this.secure,
      ...(age !== undefined && { maxAge: age }),
    });
    void reply.header('set-cookie', cookie);
  }

  /** `__Host-`: set by this very host over https, and by no neighbour of its domain (RFC 6265bis §4.1.3). */
  private nameOf(name: CookieName): string {
    return `${this.secure ? '__Host-' : ''}twinlock-${name}`;
  }
}
