import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { base32nopad } from '@scure/base';
import speakeasy from 'speakeasy';
import { STANDARD_TOTP } from '#libs/contracts/src/limits.js';
import type { TotpParameters } from '#libs/contracts/src/primitives.js';

/** Of a secret: 160 bits, the length that RFC 4226 §4 (R6) recommends. */
const SECRET_BYTES = 20;
/** Steps before and after the present one whose codes pass (RFC 6238 §5.2). */
const TOLERANCE = 1;
/** A phone whose clock is further off shows it. */
const CLOCK_OFF_SECONDS = 600;
const digitsAlone = { 6: /^[0-9]{6}$/, 8: /^[0-9]{8}$/ } as const;

export const newSecret = (): Buffer => randomBytes(SECRET_BYTES);

/** RFC 6238 §4.2: T of a time in milliseconds since 1970. */
export const timeStepAt = (ms: number, { period } = STANDARD_TOTP): number => Math.floor(ms / (period * 1000));

/** Whether it has the form of a code, of so many ASCII digits (R27). */
export const isWellFormed = (code: string, { digits }: Pick<TotpParameters, 'digits'>): boolean =>
  digitsAlone[digits].test(code);

/** The digits of a time step. @throws RangeError the step is not a whole number of 0 or more */
export function codeAt(secret: Buffer, step: number, { algorithm, digits } = STANDARD_TOTP): string {
  if (!Number.isSafeInteger(step) || step < 0) throw new RangeError('a time step is a whole number of 0 or more');
  // given a digest, speakeasy only truncates (RFC 4226 §5.3) and needs no secret
  return speakeasy.hotp({ secret: '', counter: step, digest: hmac(algorithm, secret, step), digits });
}

/**
 * The step whose code it is, of `nowStep` and the one before and after it; null for none and for a malformed code.
 * All steps are computed and compared in constant time, whichever matches.
 *
 * When a code belongs to several steps (about one in 300,000), the latest is told. If any of them is newer than the last
 * accepted step, the latest is; and once it is accepted, the same digits pass for none of them again (R18).
 */
export const matchStep = (secret: Buffer, code: string, nowStep: number, parameters = STANDARD_TOTP): number | null =>
  matchWithin(TOLERANCE, secret, code, nowStep, parameters);

/**
 * How far the clock of an app that shows this code is ahead, in seconds, as whole steps and at most ten minutes either way;
 * null: it is the code of no step so near. For the owner of the secret alone: to anybody else it tells codes of other times.
 */
export function clockOffSeconds(
  secret: Buffer,
  code: string,
  nowStep: number,
  parameters = STANDARD_TOTP,
): number | null {
  const { period } = parameters;
  const step = matchWithin(Math.floor(CLOCK_OFF_SECONDS / period), secret, code, nowStep, parameters);
  return step === null ? null : (step - nowStep) * period;
}

function matchWithin(
  tolerance: number,
  secret: Buffer,
  code: string,
  nowStep: number,
  parameters: TotpParameters,
): number | null {
  if (!isWellFormed(code, parameters)) return null;
  const typed = Buffer.from(code, 'latin1');
  const right = Buffer.allocUnsafe(parameters.digits);
  let matched = -1;
  for (let step = Math.max(0, nowStep - tolerance); step <= nowStep + tolerance; step++) {
    right.write(codeAt(secret, step, parameters), 'latin1');
    const same = Number(timingSafeEqual(typed, right));
    matched = same * step + (1 - same) * matched;
  }
  return matched < 0 ? null : matched;
}

/**
 * The key URI that authenticator apps read (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
 * Issuer and account together should be of one account alone: some apps keep one entry for each pair. A colon in the account,
 * which some apps refuse, is shown as a fullwidth one: no NFKC text has that, so that two accounts stay two.
 * @throws RangeError the issuer holds a colon, which would end it
 */
export function otpauthUri({ issuer, account, secret }: { issuer: string; account: string; secret: Buffer }): string {
  if (issuer.includes(':')) throw new RangeError('the issuer of a key URI may not hold a colon');
  const parameters = {
    secret: base32nopad.encode(secret),
    issuer: percentEncoded(issuer),
    algorithm: STANDARD_TOTP.algorithm,
    digits: STANDARD_TOTP.digits,
    period: STANDARD_TOTP.period,
  };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  const label = `${percentEncoded(issuer)}:${percentEncoded(account.replaceAll(':', '\uff1a'))}`;
  return `otpauth://totp/${label}?${query.join('&')}`;
}

/** The secret as a person types it: Base32 in groups of four. */
export const manualKey = (secret: Buffer): string => base32nopad.encode(secret).replace(/.{4}(?=.)/g, '$& ');

/** A space is `%20`, never `+`, which the apps show as it stands; half a surrogate pair, which has no UTF-8, becomes U+FFFD; the signs that RFC 3986 reserves are encoded too. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8')).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const counter = Buffer.alloc(8);
const hashes = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const;
/** One for each length. */
const digests = { SHA1: Buffer.alloc(20), SHA256: Buffer.alloc(32), SHA512: Buffer.alloc(64) } as const;

/**
 * HMAC of the step as a 64-bit number; the buffer is good until the next call.
 * speakeasy's own digest takes 32 bits of it and a deprecated Buffer.
 */
function hmac(algorithm: TotpParameters['algorithm'], secret: Buffer, step: number): Buffer {
  counter.writeUInt32BE(Math.floor(step / 2 ** 32), 0);
  counter.writeUInt32BE(step % 2 ** 32, 4);
  const digest = digests[algorithm];
  // a digest as text and into one buffer takes two thirds of the time of a new buffer each
  digest.write(createHmac(hashes[algorithm], secret).update(counter).digest('binary'), 'binary');
  return digest;
}
