import { hash } from 'node:crypto';
import { decrypt, encrypt } from '#libs/secrets/src/sealing.js';
import type { StoredEntry } from '#libs/vault/src/entry.js';
import { type DerivedKeys, KeyRing, type RingKey } from '#libs/vault/src/keyring.js';

const LABEL = 'twinlock openid 1';
const COOKIES = 'twinlock openid cookies 1';

/** SHA-256, hex: what is found by it is 128 bits and more of randomness, which nobody guesses. */
export const idHash = (id: string): string => hash('sha256', id, 'hex');

/** Everything that the provider stores has a token, or who somebody is, in it: sealed under a key derived from the ring (R30, R42). */
export class SealedPayloads {
  #keys: DerivedKeys;
  #cookieKeys: DerivedKeys;

  /** @throws KeyRingInvalid */
  constructor(keys: readonly RingKey[]) {
    const ring = new KeyRing(keys);
    [this.#keys, this.#cookieKeys] = [ring.derive(LABEL), ring.derive(COOKIES)];
  }

  /** Takes another key ring at once. @throws KeyRingInvalid */
  useRing(keys: readonly RingKey[]): void {
    const ring = new KeyRing(keys);
    [this.#keys, this.#cookieKeys] = [ring.derive(LABEL), ring.derive(COOKIES)];
  }

  /** Whether it is under the present key of the ring. */
  isPresent({ keyId }: StoredEntry): boolean {
    return keyId === this.#keys.present.id;
  }

  /** What cookies are signed with, the present one first. */
  get cookieKeys(): string[] {
    return [...this.#cookieKeys.byId.values()].map((key) => key.export().toString('base64url'));
  }

  /** `place`: where it is stored; what stands elsewhere does not open. */
  seal(place: string, value: unknown): StoredEntry {
    const { id, key } = this.#keys.present;
    const sealed = encrypt(key, JSON.stringify(value), Buffer.from(place, 'utf8'));
    return { keyId: id, sealed: sealed.toString('base64') };
  }

  /** Null: the key has left the ring, or it was altered or moved. */
  open<Value>(place: string, { keyId, sealed }: StoredEntry): Value | null {
    const key = this.#keys.byId.get(keyId);
    const opened = key && decrypt(key, Buffer.from(sealed, 'base64'), Buffer.from(place, 'utf8'));
    return opened ? (JSON.parse(opened.toString('utf8')) as Value) : null;
  }
}
