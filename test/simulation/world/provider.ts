import type { Random } from '#test/support/random.js';
import { ProviderKey } from './signing.js';

const ISSUER = 'https://idp.example';
const flaws = ['old', 'for others', 'by an unknown key'] as const;
export type TokenFlaw = (typeof flaws)[number];

/** An identity provider outside, that all portals may name. */
export class Provider {
  #key: ProviderKey;
  readonly #unknown: ProviderKey;

  constructor(random: Random) {
    this.#key = new ProviderKey(random, 'key-1');
    this.#unknown = new ProviderKey(random, 'key-1');
  }

  settings(portal: string) {
    return { issuer: ISSUER, audience: portal, jwksUri: `${ISSUER}/jwks` };
  }

  /** What is fetched from it. */
  answer({ href }: URL): string | undefined {
    return href === `${ISSUER}/jwks` ? JSON.stringify({ keys: [this.#key.jwk] }) : undefined;
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
