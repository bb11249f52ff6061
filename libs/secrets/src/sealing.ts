import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
export const OVERHEAD_BYTES = IV_BYTES + TAG_BYTES;

/** AES-256-GCM (NIST SP 800-38D) under a random 96-bit IV: IV, ciphertext, tag. One key is good for 2³² of them. */
export function encrypt(key: KeyObject, plaintext: Buffer | string, additional: Buffer): Buffer {
  const iv = nextIv();
  const cipher = createCipheriv(ALGORITHM, key, iv);
  cipher.setAAD(additional);
  const ciphertext = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([iv, ciphertext, cipher.getAuthTag()]);
}

/** Null: not made under this key with this additional data, or altered since. */
export function decrypt(key: KeyObject | Buffer, sealed: Buffer, additional: Buffer): Buffer | null {
  if (sealed.length < OVERHEAD_BYTES) return null;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(additional);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    return null;
  }
}

/** One call of the random generator costs as much as the encryption, so IVs are taken from a pool; they are no secret. */
const pool = Buffer.alloc(IV_BYTES * 256);
let taken = pool.length;

function nextIv(): Buffer {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += IV_BYTES;
  return pool.subarray(taken - IV_BYTES, taken);
}
