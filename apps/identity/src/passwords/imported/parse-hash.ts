import type { ImportRefusal } from '#libs/contracts/src/http/import.js';
import { fromBcrypt64, type InnerHash } from './inner-hash.js';
import type { Work } from './work.js';

/** A hash of another system, taken apart. */
export interface ImportedHash {
  readonly inner: InnerHash;
  /** What the inner hash makes of the right password. */
  readonly outcome: Buffer;
}
type Refused = Extract<ImportRefusal, 'malformed-request' | 'hash-unsupported' | 'hash-too-costly' | 'hash-too-weak'>;
export interface RefusedHash {
  readonly code: Refused;
  /** Why, without a piece of it. */
  readonly message: string;
}

const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const;
/** KiB; of scrypt too. */
const MOST_MEMORY = 262_144;
/** KiB times passes: some 800 ms. */
const MOST_FILLED = 4 * MOST_MEMORY;
const MOST_LANES = 16;
const pbkdf2Rounds = { least: 1_000, most: 2_000_000 };
const MOST_BCRYPT = 14;
const LEAST_SALT = 8;
const LEAST_OUTCOME = 16;
const MOST_OUTCOME = 128;
/** r times p of scrypt: so many blocks of 128 bytes come from PBKDF2, and go back into it, whatever the rounds. */
const MOST_BLOCKS = 8_192;
/** Of scrypt: 2^10 blocks of 1 KiB; of argon2id: as much memory, over all passes. */
const LEAST_FILLED = 1_024;

const phc = /^\$(argon2id|scrypt|pbkdf2(?:-sha1|-sha256|-sha512)?)\$(.+)$/;
/** Base64 without padding; some programs write `.` for `+`. */
const encoded = '([A-Za-z0-9+/.]*)={0,2}';
const argon2id = new RegExp(`^(?:v=(\\d{1,3})\\$)?m=(\\d{1,10}),t=(\\d{1,10}),p=(\\d{1,5})\\$${encoded}\\$${encoded}$`);
const scrypt = new RegExp(`^ln=(\\d{1,3}),r=(\\d{1,7}),p=(\\d{1,7})\\$${encoded}\\$${encoded}$`);
const pbkdf2 = new RegExp(`^(?:i=)?(\\d{1,10})(?:,l=\\d{1,4})?\\$${encoded}\\$${encoded}$`);
const bcrypt = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;

/**
 * PHC string (https://github.com/P-H-C/phc-string-format) of argon2id, scrypt or PBKDF2, or bcrypt. The costs of a check are
 * bounded above, since everybody in the portal waits for them, and below, since what says less is hardly a hash.
 */
export function parseHash(text: string): ImportedHash | RefusedHash {
  if (/^\$2[aby]\$/.test(text)) return parseBcrypt(text);
  const [, algorithm, rest = ''] = phc.exec(text) ?? [];
  switch (algorithm) {
    case undefined:
      return refused('hash-unsupported', 'is no PHC string of argon2id, scrypt or PBKDF2, and no bcrypt hash');
    case 'argon2id':
      return parseArgon2id(rest);
    case 'scrypt':
      return parseScrypt(rest);
    default:
      return parsePbkdf2(algorithm === 'pbkdf2' ? 'sha1' : (algorithm.slice('pbkdf2-'.length) as 'sha1'), rest);
  }
}

export const isRefusedHash = (parsed: ImportedHash | RefusedHash): parsed is RefusedHash => 'code' in parsed;

function parseBcrypt(text: string): ImportedHash | RefusedHash {
  const [, cost, salt, outcome] = bcrypt.exec(text) ?? [];
  if (outcome === undefined) return malformed;
  const work: Work = { kdf: 'bcrypt', cost: Number(cost) };
  if (work.cost < 4) return malformed;
  if (work.cost > MOST_BCRYPT) return tooCostly(`bcrypt may have a cost of ${MOST_BCRYPT} at most`);
  return imported(work, fromBcrypt64(salt!), fromBcrypt64(outcome));
}

function parseArgon2id(text: string): ImportedHash | RefusedHash {
  const [, v, m, t, p, salt, outcome] = argon2id.exec(text) ?? [];
  const version = v === undefined ? 16 : Number(v);
  const work = { kdf: 'argon2id', memory: Number(m), lanes: Number(p), cost: Number(t) } as const;
  const { memory, lanes, cost } = work;
  if (outcome === undefined || (version !== 16 && version !== 19)) return malformed;
  // RFC 9106 §3.1
  if (lanes < 1 || cost < 1 || memory < 8 * lanes) return malformed;
  if (memory > MOST_MEMORY) return tooCostly('argon2id may take 256 MiB at most');
  if (memory * cost > MOST_FILLED) return tooCostly('argon2id may fill 1 GiB at most over all passes');
  if (lanes > MOST_LANES) return tooCostly(`argon2id may have ${MOST_LANES} lanes at most`);
  if (memory * cost < LEAST_FILLED) return tooWeak('argon2id must fill 1 MiB at least over all passes');
  return imported(work, fromBase64(salt!), fromBase64(outcome), version);
}

function parseScrypt(text: string): ImportedHash | RefusedHash {
  const [, ln, r, p, salt, outcome] = scrypt.exec(text) ?? [];
  const work = { kdf: 'scrypt', r: Number(r), p: Number(p), cost: Number(ln) } as const;
  if (outcome === undefined || work.r < 1 || work.p < 1 || work.cost < 1) return malformed;
  const kibibytes = (128 * work.r * 2 ** work.cost) / 1_024;
  if (kibibytes > MOST_MEMORY) return tooCostly('scrypt may take 256 MiB at most');
  if (kibibytes * work.p > MOST_FILLED) return tooCostly('scrypt may fill 1 GiB at most');
  if (work.r * work.p > MOST_BLOCKS) return tooCostly('scrypt may have 8,192 blocks at most, r times p');
  // RFC 7914 §2: N is less than 2^(128 * r / 8)
  if (work.cost >= 16 * work.r) return malformed;
  if (kibibytes * work.p < LEAST_FILLED) return tooWeak('scrypt must fill 1 MiB at least');
  return imported(work, fromBase64(salt!), fromBase64(outcome));
}

function parsePbkdf2(digest: keyof typeof digestBytes, text: string): ImportedHash | RefusedHash {
  const [, rounds, salt, outcome] = pbkdf2.exec(text) ?? [];
  if (outcome === undefined) return malformed;
  const work: Work = { kdf: 'pbkdf2', digest, cost: Number(rounds) };
  const { least, most } = pbkdf2Rounds;
  if (work.cost > most) return tooCostly('PBKDF2 may have 2,000,000 iterations at most');
  if (work.cost < least) return tooWeak('PBKDF2 must have 1,000 iterations at least');
  const bytes = fromBase64(outcome);
  if (bytes.length > MOST_OUTCOME) return malformed;
  // each block is derived by itself (RFC 8018 §5.2), so that more than the first would only take time
  return imported(work, fromBase64(salt!), bytes.subarray(0, digestBytes[digest]));
}

function imported(work: Work, salt: Buffer, outcome: Buffer, version?: 16 | 19): ImportedHash | RefusedHash {
  if (outcome.length > MOST_OUTCOME || salt.length > MOST_OUTCOME) return malformed;
  if (salt.length < LEAST_SALT) return tooWeak(`the salt must have ${LEAST_SALT} bytes at least`);
  if (outcome.length < LEAST_OUTCOME) return tooWeak(`the hash must have ${LEAST_OUTCOME} bytes at least`);
  const inner = { work, salt: salt.toString('base64'), length: outcome.length, ...(version && { version }) };
  return { inner, outcome };
}

const fromBase64 = (text: string): Buffer => Buffer.from(text.replaceAll('.', '+'), 'base64');

const refused = (code: Refused, message: string): RefusedHash => ({ code, message });
const malformed = refused('malformed-request', 'is not a well-formed hash');
const tooCostly = (message: string): RefusedHash => refused('hash-too-costly', message);
const tooWeak = (message: string): RefusedHash => refused('hash-too-weak', message);
