import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { base32nopad } from '@scure/base';

/** Random bytes of a code (R10). */
const CODE_BYTES = 10;
const HASH_BYTES = 32;

/** So many codes as they are shown: `ABCD-EFGH-IJKL-MNOP`. */
export const newBackupCodes = (count: number): string[] =>
  Array.from({ length: count }, () => base32nopad.encode(randomBytes(CODE_BYTES)).replace(/.{4}(?=.)/g, '$&-'));

/** The 16 Base32 characters (RFC 4648) of a code as typed: any case, groups by white space or hyphens. Null if malformed. */
export function normalizeBackupCode(text: string): string | null {
  const characters = text.replace(/[\s\p{Dash_Punctuation}]/gu, '');
  // before toUpperCase, which makes ASCII letters of others: 'ı' becomes 'I'
  return /^[A-Za-z2-7]{16}$/.test(characters) ? characters.toUpperCase() : null;
}

/** Of a normalized code. Bound to its set, so that a hash moved to another set opens nothing. */
export const hashBackupCode = (setId: string, code: string): Buffer =>
  hash('sha256', `twinlock backup code 1\0${setId}\0${code}`, 'buffer');

/** The hashes of a set in order, for the vault. */
export const serializeHashes = (hashes: readonly Buffer[]): Buffer => Buffer.concat(hashes);

/** @throws RangeError it is not whole hashes. The hashes are views on `bytes`. */
export function parseHashes(bytes: Buffer): Buffer[] {
  if (bytes.length === 0 || bytes.length % HASH_BYTES !== 0) throw new RangeError('not the hashes of backup codes');
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
    bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}

/** Which code of the set it is, null for none. Every hash is compared in constant time, whichever matches. */
export function findBackupCode(hashes: readonly Buffer[], setId: string, code: string): number | null {
  const typed = hashBackupCode(setId, code);
  let found = -1;
  for (const [index, each] of hashes.entries()) {
    const same = Number(timingSafeEqual(typed, each));
    found = same * index + (1 - same) * found;
  }
  return found < 0 ? null : found;
}
