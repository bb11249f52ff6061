import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { lruOf } from '#libs/engine/src/lru.js';
import { decrypt, encrypt } from '#libs/secrets/src/sealing.js';
import { type DerivedKeys, KeyRing, type RingKey } from '#libs/vault/src/keyring.js';
import type { CarriedContext } from '../../requests.js';

/** What a message is for. It opens as that and as nothing else. */
export interface Purpose {
  readonly direction: 'request' | 'reply';
  readonly pattern: string;
  /** The app and the instance of it that asks. */
  readonly replyTo: string;
  readonly instance: string;
  readonly requestId: string;
}

export interface Sealed {
  /** Of the ring key, and the salt by which the sender's own key is derived from it: `k1:…`. */
  readonly keyId: string;
  readonly value: Buffer;
}

/** What is in a request. */
export interface RequestContent {
  /** When it was sealed, in milliseconds since 1970. */
  readonly at: number;
  readonly context: unknown;
  readonly payload: unknown;
}

/** `payload` is JSON already. */
export const requestText = (payload: string, context: CarriedContext): string =>
  `{"at":${Date.now()},"context":${JSON.stringify(context)},"payload":${payload}}`;

const LABEL = 'twinlock requests 1';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const KEY_ID = /^([A-Za-z0-9_.-]{1,32}):([A-Za-z0-9_-]{22})$/;
/** A key under random IVs is good for 2³² messages (NIST SP 800-38D §8.3). */
const MOST = 2 ** 31;
/** Keys of other instances that are at hand; each is derived anew after a restart of its sender. */
const REMEMBERED = 1_000;

/**
 * Seals what apps ask and answer one another, so that no topic holds any of it in plain (R42). Whoever seals has a key of its
 * own: what all of them send together is more than one key may seal.
 */
export class RequestSealer {
  #ring: DerivedKeys;
  #own: { readonly keyId: string; readonly key: KeyObject; left: number };
  readonly #known = lruOf<KeyObject>(REMEMBERED);

  /** @param keys the first seals, all open. @throws KeyRingInvalid */
  constructor(keys: readonly RingKey[]) {
    this.#ring = new KeyRing(keys).derive(LABEL);
    this.#own = this.#newKey();
  }

  /** Takes another key ring at once. @throws KeyRingInvalid */
  useRing(keys: readonly RingKey[]): void {
    this.#ring = new KeyRing(keys).derive(LABEL);
    this.#known.clear();
    this.#own = this.#newKey();
  }

  seal(text: string, purpose: Purpose): Sealed {
    if (this.#own.left === 0) this.#own = this.#newKey();
    this.#own.left -= 1;
    const { keyId, key } = this.#own;
    return { keyId, value: encrypt(key, Buffer.from(text), bound(purpose)) };
  }

  /** Undefined: under a key that the ring does not have. Null: altered, or sealed for another purpose. */
  open(keyId: string, value: Buffer, purpose: Purpose): string | null | undefined {
    const key = this.#keyOf(keyId);
    if (!key) return undefined;
    return decrypt(key, value, bound(purpose))?.toString() ?? null;
  }

  #keyOf(keyId: string): KeyObject | undefined {
    const known = this.#known.get(keyId);
    if (known) return known;
    const [, id, salt] = KEY_ID.exec(keyId) ?? [];
    const ringKey = this.#ring.byId.get(id ?? '');
    if (!ringKey) return undefined;
    const key = derive(ringKey, Buffer.from(salt!, 'base64url'));
    this.#known.set(keyId, key);
    return key;
  }

  #newKey() {
    const salt = randomBytes(SALT_BYTES);
    const { id, key } = this.#ring.present;
    return { keyId: `${id}:${salt.toString('base64url')}`, key: derive(key, salt), left: MOST };
  }
}

const derive = (key: KeyObject, salt: Buffer): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', key, salt, LABEL, KEY_BYTES)));

/** JSON of a list of strings: no two purposes give the same bytes. */
const bound = ({ direction, pattern, replyTo, instance, requestId }: Purpose): Buffer =>
  Buffer.from(JSON.stringify([direction, pattern, replyTo, instance, requestId]));
