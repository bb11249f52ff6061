import { pbkdf2, randomBytes, scrypt, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import { type Algorithm, hashRaw, type Version } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import type { Work } from './work.js';

/** How another system hashed a password, without the outcome: only what argon2id makes of that is kept (R36). */
export interface InnerHash {
  readonly work: Work;
  /** Base64. */
  readonly salt: string;
  /** Bytes of the outcome. */
  readonly length: number;
  /** Of argon2id: 16 or 19 (RFC 9106 §3.1 has 19 alone). */
  readonly version?: 16 | 19;
}

const derivePbkdf2 = promisify(pbkdf2);
const deriveScrypt = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
/** libuv's pool does the work of each. */
const FIRST_VERSION = 0 satisfies Version.V0x10;
const VERSION_19 = 1 satisfies Version.V0x13;

/** The outcome for a password as it was typed: what made these hashes did not normalize it. */
export async function derive({ work, salt, length, version }: InnerHash, password: string): Promise<Buffer> {
  const saltBytes = Buffer.from(salt, 'base64');
  switch (work.kdf) {
    case 'bcrypt':
      return bcryptOutcome(await bcrypt(password, work.cost, saltBytes));
    case 'pbkdf2':
      return derivePbkdf2(password, saltBytes, work.cost, length, work.digest);
    case 'scrypt': {
      const { r, p } = work;
      const N = 2 ** work.cost;
      // what OpenSSL asks for beside the blocks
      return deriveScrypt(password, saltBytes, length, { N, r, p, maxmem: 128 * r * (N + p + 2) + 1_048_576 });
    }
    case 'argon2id':
      return hashRaw(password, {
        algorithm: 2 satisfies Algorithm.Argon2id,
        version: version === 16 ? FIRST_VERSION : VERSION_19,
        memoryCost: work.memory,
        timeCost: work.cost,
        parallelism: work.lanes,
        outputLen: length,
        salt: saltBytes,
      });
  }
}

const nobodysSalt = randomBytes(16).toString('base64');
/** The same work for nobody. */
export const deriveForNobody = (work: Work, password: string): Promise<Buffer> =>
  derive({ work, salt: nobodysSalt, length: 20 }, password);

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const bcrypt64 = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** bcrypt has an alphabet of its own. Bits that are no whole byte, which some programs leave set, fall away. */
export const fromBcrypt64 = (text: string): Buffer =>
  Buffer.from(Array.from(text, (sign) => base64[bcrypt64.indexOf(sign)]).join(''), 'base64');
/** Of `$2b$<cost>$<salt><outcome>`. */
const bcryptOutcome = (hashed: string): Buffer => fromBcrypt64(hashed.slice(-31));
