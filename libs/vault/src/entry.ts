import type { KeyRing } from './keyring.js';
import { VaultDamaged, type VaultKey } from './port.js';
import { decrypt, encrypt } from '#libs/secrets/src/sealing.js';

/** One entry as it is stored. */
export interface StoredEntry {
  /** Of the ring key that it is encrypted under. */
  readonly keyId: string;
  /** IV, ciphertext and tag in Base64. */
  readonly sealed: string;
}

const VAULT_ENTRY = 'twinlock vault entry 1';

/** Encrypts and decrypts entries by one key ring. */
export class EntryCipher {
  readonly #keys;

  /** @param label the use; two uses share no key */
  constructor(ring: KeyRing, label = VAULT_ENTRY) {
    this.#keys = ring.derive(label);
  }

  get presentKeyId(): string {
    return this.#keys.present.id;
  }

  has(keyId: string): boolean {
    return this.#keys.byId.has(keyId);
  }

  encrypt(key: VaultKey, plaintext: Buffer): StoredEntry {
    const { present } = this.#keys;
    return { keyId: present.id, sealed: encrypt(present.key, plaintext, additionalData(key)).toString('base64') };
  }

  /** @throws VaultDamaged */
  decrypt(key: VaultKey, entry: StoredEntry): Buffer {
    if (!isStoredEntry(entry)) throw new VaultDamaged(`${describe(key)} is not what was stored there`);
    const ringKey = this.#keys.byId.get(entry.keyId);
    if (!ringKey)
      throw new VaultDamaged(`${describe(key)} is under the key ${entry.keyId}, which is not in the key ring`);
    const plaintext = decrypt(ringKey, Buffer.from(entry.sealed, 'base64'), additionalData(key));
    if (!plaintext) throw new VaultDamaged(`${describe(key)} is not what was stored there`);
    return plaintext;
  }
}

export const UNREADABLE = '?';

/** The id of the key that it is under; `UNREADABLE` for what is no entry. */
export const keyIdOf = (entry: StoredEntry): string => (isStoredEntry(entry) ? entry.keyId : UNREADABLE);

/** A store that others wrote to may hold anything. */
const isStoredEntry = (value: unknown): value is StoredEntry =>
  typeof value === 'object' &&
  value !== null &&
  'keyId' in value &&
  typeof value.keyId === 'string' &&
  'sealed' in value &&
  typeof value.sealed === 'string';

/** JSON of a list of strings: no two keys give the same bytes. */
const additionalData = ({ portal, account, id }: VaultKey): Buffer =>
  Buffer.from(JSON.stringify([portal, account, id]), 'utf8');

const describe = ({ portal, account, id }: VaultKey): string => `the vault's entry ${id} of ${portal}/${account}`;
