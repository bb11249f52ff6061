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
