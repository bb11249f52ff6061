import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify, type RemoteJWKSet } from 'jose';
import { LRUCache } from 'lru-cache';
import type { SsoProvider } from '#libs/contracts/src/events/admin-policy.js';
import { ssoSubject } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CLOCK, CONFIG } from '#libs/platform/src/tokens.js';
import { KeySetAway, usableKeySet } from './key-set.js';
import { providerFetch } from './provider-fetch.js';

export interface IdToken {
  readonly subject: string;
  /** Names the token, whatever form its signature is written in. */
  readonly id: string;
  /** Milliseconds; from then on it is refused for its age. */
  readonly goodUntil: number;
}

/** An ID token is at most this old. */
const MAX_AGE_S = 5 * 60;
/** By this much a provider's clock and ours may differ, whichever of a token's times is looked at. */
export const CLOCKS_DIFFER_S = 30;
const KEYS_LAST_MS = 5 * 60_000;
/** So soon a token with an unknown key makes us look for new keys again. */
const LOOK_AGAIN_MS = 2_000;

/** Checks ID tokens (OpenID Connect Core 1.0 §3.1.3.7) against the key set of the portal's provider. */
@Injectable()
export class IdTokens {
  private readonly keySets = new LRUCache<string, RemoteJWKSet>({ max: 500 });
  private readonly fetch: ReturnType<typeof usableKeySet>;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) { test }: Config,
  ) {
    this.fetch = usableKeySet(providerFetch({ loopbackAllowed: test }));
  }

  /** @throws Problem `invalid-credentials`, or `unavailable` when the key set cannot be fetched */
  async verify(idToken: string, { issuer, audience, jwksUri }: Omit<SsoProvider, 'clientId'>): Promise<IdToken> {
    const now = this.clock();
    let payload: JWTPayload;
    try {
      const verified = await jwtVerify(idToken, this.keySetAt(jwksUri), {
        algorithms: ['RS256', 'ES256'],
        issuer,
        audience,
        requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp'],
        currentDate: new Date(now),
        clockTolerance: CLOCKS_DIFFER_S,
      });
      if (!isIdTokenType(verified.protectedHeader.typ)) throw notGood();
      payload = verified.payload;
    } catch (error) {
      throw refusalOf(error);
    }
    const { sub, iat = 0, aud, azp } = payload;
    const age = Math.floor(now / 1000) - iat;
    if (!isSubject(sub) || age > MAX_AGE_S || age < -CLOCKS_DIFFER_S || !isForUs(aud, azp, audience)) throw notGood();
    const signed = idToken.slice(0, idToken.lastIndexOf('.'));
    return { subject: sub, id: hash('sha256', signed, 'hex'), goodUntil: (iat + MAX_AGE_S + 1) * 1000 };
  }

  private keySetAt(jwksUri: string): RemoteJWKSet {
    const known = this.keySets.get(jwksUri);
    if (known) return known;
    const keySet = createRemoteJWKSet(new URL(jwksUri), {
      [customFetch]: this.fetch,
      cooldownDuration: LOOK_AGAIN_MS,
      cacheMaxAge: KEYS_LAST_MS,
    });
    this.keySets.set(jwksUri, keySet);
    return keySet;
  }
}

const isSubject = (sub: unknown): sub is string => ssoSubject.safeParse(sub).success;

/** Access and logout tokens say what they are (RFC 9068, RFC 8725 §3.11). */
const isIdTokenType = (typ: unknown): boolean =>
  typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT');

/** Of a token for several audiences, this must be the one that asked for it. */
function isForUs(aud: string | string[] | undefined, azp: unknown, audience: string): boolean {
  if (azp !== undefined) return azp === audience;
  return !Array.isArray(aud) || aud.length === 1;
}

export const notGood = () => new Problem('invalid-credentials', 'The ID token is not accepted here.');

/** Whatever else goes wrong is the token's fault: the keys are good ones by now. */
const refusalOf = (error: unknown): Problem =>
  error instanceof KeySetAway
    ? new Problem('unavailable', "The keys of the portal's identity provider could not be fetched.", { retryAfter: 5 })
    : notGood();
