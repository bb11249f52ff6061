import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { base64urlnopad } from '@scure/base';

/**
 * What is wrong with an Ed25519 public key (`x` of RFC 8037 §2); null: nothing. It is one canonical encoding of a point
 * (RFC 8032 §5.1.3) of the full, prime order. Node verifies by any point, and under one of small order anybody can sign.
 * Takes a millisecond.
 */
export function faultOfEd25519Key(x: string): string | null {
  const point = decoded(x);
  if (point === null) return 'is not a valid Ed25519 public key';
  return point.isTorsionFree() && !point.isSmallOrder() ? null : 'is a weak Ed25519 public key';
}

function decoded(x: string) {
  try {
    return ed25519.Point.fromBytes(base64urlnopad.decode(x), false);
  } catch {
    return null;
  }
}

/** What is wrong with a public key that somebody is to sign with, as a JWK; null: nothing. */
export function faultOfKey(jwk: JsonWebKey): string | null {
  if (jwk.kty === 'OKP') return faultOfEd25519Key(jwk.x ?? '');
  try {
    // a point that is not on its curve is refused here
    const { asymmetricKeyDetails = {} } = createPublicKey({ key: jwk, format: 'jwk' });
    if (jwk.kty !== 'RSA') return null;
    const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails;
    const isGood = modulusLength >= 2048 && publicExponent >= 65_537n && publicExponent % 2n === 1n;
    return isGood ? null : 'is a weak RSA public key';
  } catch {
    return 'is not a valid public key';
  }
}
