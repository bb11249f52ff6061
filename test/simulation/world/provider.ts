import type { Random } from '#test/support/random.js';
import { ProviderKey } from './signing.js';

const ISSUER = 'https://idp.example';
const flaws = ['old', 'for others', 'by an unknown key'] as const;
export type TokenFlaw = (typeof flaws)[number];
/** Why what a person brings is not to log them in. */
export type LoginFlaw = TokenFlaw | 'of another login';

const clientOf = (portal: string): string => `client of ${portal}`;

/** An identity provider outside, that all portals may name. */
export class Provider {
  #key: ProviderKey;
  readonly #unknown: ProviderKey;
  /** Each is good for as long as the world is. */
  readonly #codes = new Map<string, { readonly nonce: string; readonly aud: string; readonly sub: string }>();

  constructor(random: Random) {
    this.#key = new ProviderKey(random, 'key-1');
    this.#unknown = new ProviderKey(random, 'key-1');
  }

  settings(portal: string) {
    return { issuer: ISSUER, audience: portal, jwksUri: `${ISSUER}/jwks`, clientId: clientOf(portal) };
  }

  /** What is fetched from it; `content`: what was sent there. */
  answer({ href }: URL, content: string, now: number): string | undefined {
    switch (href) {
      case `${ISSUER}/jwks`:
        return JSON.stringify({ keys: [this.#key.jwk] });
      case `${ISSUER}/.well-known/openid-configuration`:
        return JSON.stringify({
          issuer: ISSUER,
          authorization_endpoint: `${ISSUER}/authorize`,
          token_endpoint: `${ISSUER}/token`,
          id_token_signing_alg_values_supported: ['ES256', 'RS256'],
          authorization_response_iss_parameter_supported: true,
        });
      case `${ISSUER}/token`:
        return JSON.stringify(this.redeem(new URLSearchParams(content).get('code') ?? '', now));
      default:
        return undefined;
    }
  }

  /** Somebody has been sent there, and is sent back. */
  authorize(authorizationUrl: string, subject: string): { code: string; state: string; iss: string } {
    const asked = new URL(authorizationUrl).searchParams;
    const code = `code-${this.#codes.size}`;
    this.#codes.set(code, { nonce: asked.get('nonce')!, aud: asked.get('client_id')!, sub: subject });
    return { code, state: asked.get('state')!, iss: ISSUER };
  }

  private redeem(code: string, now: number): object {
    const claims = this.#codes.get(code);
    if (claims === undefined) return { access_token: 'none', token_type: 'bearer' };
    const iat = Math.floor(now / 1_000);
    const payload = { iss: ISSUER, ...claims, iat, exp: iat + 3_600, jti: code };
    return { access_token: 'one', token_type: 'bearer', id_token: this.#key.sign(payload) };
  }

  /** Now and then it has another key, or its token is not good. */
  token(
    random: Random,
    portal: string,
    subject: string,
    now: number,
  ): { idToken: string; flaw: TokenFlaw | undefined } {
    if (random.chance(0.03)) this.#key = new ProviderKey(random, `key-${random.below(100)}`);
    const flaw = random.chance(0.2) ? random.pick(flaws) : undefined;
    const iat = Math.floor(now / 1_000) - (flaw === 'old' ? 600 : 0);
    const aud = flaw === 'for others' ? 'others' : portal;
    const payload = { iss: ISSUER, aud, sub: subject, iat, exp: iat + 3_600, jti: `${random.bits()}` };
    return { idToken: (flaw === 'by an unknown key' ? this.#unknown : this.#key).sign(payload), flaw };
  }
}
