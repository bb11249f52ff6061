import { createPrivateKey, createPublicKey, type KeyObject, sign as signBytes } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import type { Random } from '#test/support/random.js';

/** Of an Ed25519 key in PKCS #8, what comes before its 32 bytes (RFC 8410 §7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** By which a service signs its commands: the same bytes give the same signature. */
export class CommandKey {
  readonly jwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
  readonly #key: KeyObject;

  constructor(random: Random) {
    const bytes = Buffer.alloc(32);
    random.fill(bytes);
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: 'der', type: 'pkcs8' });
    this.jwk = { kty: 'OKP', crv: 'Ed25519', x: createPublicKey(this.#key).export({ format: 'jwk' }).x ?? '' };
  }

  /** Compact JWS (RFC 8037). */
  sign(kid: string, payload: object): string {
    const text = `${encoded({ alg: 'EdDSA', kid })}.${encoded(payload)}`;
    return `${text}.${signBytes(null, Buffer.from(text), this.#key).toString('base64url')}`;
  }
}

/** By which an identity provider signs ID tokens, with ES256 as RFC 6979 has it: without chance. */
export class ProviderKey {
  readonly jwk: object;
  readonly #secret: Uint8Array;

  constructor(
    random: Random,
    readonly kid: string,
  ) {
    this.#secret = new Uint8Array(32);
    random.fill(this.#secret);
    // below the order of the curve
    this.#secret[0] = 1;
    const point = Buffer.from(p256.getPublicKey(this.#secret, false));
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
    this.jwk = { kty: 'EC', crv: 'P-256', use: 'sig', kid, x, y };
  }

  /** Compact JWS. */
  sign(payload: object): string {
    const text = `${encoded({ alg: 'ES256', kid: this.kid })}.${encoded(payload)}`;
    return `${text}.${Buffer.from(p256.sign(Buffer.from(text), this.#secret)).toString('base64url')}`;
  }
}
