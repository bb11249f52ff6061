import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

/** A key-encryption key: 32 random bytes and the id that entries name it by. */
export interface RingKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Keys for one use, each derived from the ring key of the same id. */
export interface DerivedKeys {
  /** Encrypts. */
  readonly present: { readonly id: string; readonly key: KeyObject };
  /** All decrypt, the present one first. */
  readonly byId: ReadonlyMap<string, KeyObject>;
}

/** The text of a key ring is wrong. Says where and why, and quotes nothing of it. */
export class KeyRingInvalid extends Error {
  override readonly name = 'KeyRingInvalid';
}

const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9_.-]{1,32}$/;

/**
 * The first key encrypts, all decrypt. No use has a ring key itself: each gets a key of its own by HKDF-SHA-256 (RFC 5869,
 * no salt, info = label), so that two uses never share a key. The keys are out of reach of a log line or `JSON.stringify`.
 */
export class KeyRing {
  readonly #keys: readonly RingKey[];
  readonly #derived = new Map<string, DerivedKeys>();

  /** @throws KeyRingInvalid no key, one of another length than 32 bytes, or the same twice */
  constructor(keys: readonly RingKey[]) {
    checkKeys(keys);
    this.#keys = keys.map(({ id, key }) => ({ id, key: Buffer.from(key) }));
  }

  /** Derived once per label, then remembered. */
  derive(label: string): DerivedKeys {
    const known = this.#derived.get(label);
    if (known) return known;
    const byId = new Map(this.#keys.map(({ id, key }) => [id, deriveKey(key, label)] as const));
    const [first] = byId;
    if (!first) throw new KeyRingInvalid('the key ring is empty');
    const derived = { present: { id: first[0], key: first[1] }, byId };
    this.#derived.set(label, derived);
    return derived;
  }
}

/**
 * Reads `id:key,id2:key2`, keys in Base64 of 32 bytes; white space around an entry is allowed, as in a file.
 * @throws KeyRingInvalid
 */
export function parseKeyRing(text: string): RingKey[] {
  const keys = text
    .trim()
    .split(',')
    .map((entry, index) => parseEntry(entry.trim(), `entry ${index + 1}`));
  checkKeys(keys);
  const poor = keys.findIndex(({ key }) => !isRandom(key));
  if (poor >= 0) throw new KeyRingInvalid(`the key of entry ${poor + 1} of the key ring is not random`);
  return keys;
}

/** The text that `parseKeyRing` reads. It holds the keys: only for a file that nobody else may read. */
export const formatKeyRing = (keys: readonly RingKey[]): string =>
  keys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(',');

export const newRingKey = (id: string): RingKey => ({ id, key: randomBytes(KEY_BYTES) });

function parseEntry(entry: string, where: string): RingKey {
  const colon = entry.indexOf(':');
  if (colon < 0) throw new KeyRingInvalid(`${where} of the key ring is not id:key`);
  const encoded = entry.slice(colon + 1);
  const key = Buffer.from(encoded, 'base64');
  // Buffer.from skips what is not Base64: a key with a slip of the pen would be another key without a word
  if (key.toString('base64') !== encoded) throw new KeyRingInvalid(`the key of ${where} of the key ring is not Base64`);
  return { id: entry.slice(0, colon), key };
}

/** What stands in examples and slips of the pen: few different bytes, half a key twice, a row of numbers. */
function isRandom(key: Buffer): boolean {
  const steps = [...key].slice(1).map((byte, index) => (byte - key[index]! + 256) % 256);
  // of 32 random bytes 16 or fewer are different once in 10^14
  return new Set(key).size > KEY_BYTES / 2 && new Set(steps).size > 1;
}

function checkKeys(keys: readonly RingKey[]): void {
  if (keys.length === 0) throw new KeyRingInvalid('the key ring is empty');
  for (const [index, { id, key }] of keys.entries()) {
    const where = `entry ${index + 1} of the key ring`;
    if (!KEY_ID.test(id)) {
      throw new KeyRingInvalid(`the id of ${where} is not 1 to 32 letters, digits, dots, hyphens or underscores`);
    }
    if (key.length !== KEY_BYTES) {
      throw new KeyRingInvalid(`the key of ${where} has ${key.length} bytes instead of ${KEY_BYTES}`);
    }
    for (const [earlier, other] of keys.slice(0, index).entries()) {
      if (other.id === id) throw new KeyRingInvalid(`the id of ${where} is that of entry ${earlier + 1}`);
      if (other.key.equals(key)) throw new KeyRingInvalid(`the key of ${where} is that of entry ${earlier + 1}`);
    }
  }
}

const deriveKey = (key: Buffer, label: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', key, '', label, KEY_BYTES)));
