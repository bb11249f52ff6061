import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { LRUCache } from 'lru-cache';
import type { SealedText } from '#libs/contracts/src/events/event.js';
import { lruOf } from '#libs/engine/src/lru.js';
import { type Engine, type Key, type Records, StoreDamaged } from '#libs/engine/src/port.js';
import { allRecords } from '#libs/engine/src/records.js';
import type { SealingKey, SealingKeys } from '#libs/event-store/src/sealing.js';
import { decrypt, encrypt } from '#libs/secrets/src/sealing.js';
import { EntryCipher, type StoredEntry } from '../entry.js';
import { KeyRing, type RingKey } from '../keyring.js';
import { VaultDamaged } from '../port.js';
import { countByKey, type CountOptions, rotateEntries, type RingUser, type Rotation } from '../rotation.js';

/** What was sealed, and the id that was bound to it. */
export interface ToOpen extends SealedText {
  readonly eventId: string;
}

export interface OpenOptions {
  /** Whether the keys will soon be used again; true unless told. */
  readonly remember?: boolean;
}

export const PERSONAL_KEYS = 'personal-keys';
export const ERASED_ACCOUNTS = 'erased-accounts';
const KEY_BYTES = 32;
const PAGE = 500;
/** Another instance may have destroyed a key that is remembered here: nothing opens by it a second later. */
const REMEMBERED_MS = 500;
/** Of what belongs to no account: no id is this one. */
const PORTAL = '-';
/** Of keys that end by age: `2026-11`. */
const byMonth = /^\d{4}-\d{2}$/;

/**
 * The keys that personal data is sealed under, each an entry under the key ring in the app's own engine (R42): one for the person
 * of an account, one for each month in which an account acted. Who destroys a key destroys what it sealed, wherever that stands.
 */
export class PersonalKeys implements SealingKeys, RingUser {
  readonly #entries: Records<StoredEntry>;
  readonly #erased: Records<number>;
  /** To seal with: that one of them was destroyed since makes what it seals unreadable, and that is all. */
  readonly #sealing: LRUCache<string, SealingKey>;
  readonly #opening: LRUCache<string, KeyObject>;
  /** Of portals; never destroyed. */
  readonly #lookup: LRUCache<string, KeyObject> = lruOf(1_000);
  readonly #damaged: Engine['damaged'] | undefined;
  #cipher: EntryCipher;

  constructor(engine: Pick<Engine, 'records' | 'log'> & Partial<Pick<Engine, 'damaged'>>, ring: readonly RingKey[]) {
    this.#damaged = engine.damaged;
    this.#entries = engine.records(PERSONAL_KEYS);
    this.#erased = engine.records(ERASED_ACCOUNTS);
    this.#sealing = lruOf(20_000);
    this.#opening = lruOf(20_000, engine.log.shared ? REMEMBERED_MS : undefined);
    this.#cipher = cipherOf(ring);
  }

  useRing(ring: readonly RingKey[]): void {
    this.#cipher = cipherOf(ring);
  }

  sealingKey(portal: string, account: string | undefined, part: string): SealingKey | Promise<SealingKey> {
    const kid = account === undefined ? part : `${account}/${part}`;
    return this.#sealing.get(`${portal}/${kid}`) ?? this.#makeSealingKey(portal, account ?? PORTAL, part, kid);
  }

  /** Null: its key was destroyed, or it was not sealed here. @throws StoreUnavailable, StoreDamaged */
  async open(
    portal: string,
    sealed: readonly ToOpen[],
    { remember = true }: OpenOptions = {},
  ): Promise<(string | null)[]> {
    const kids = [...new Set(sealed.map(({ kid }) => kid))];
    const found = await Promise.all(
      kids.map(async (kid) => this.#opening.get(`${portal}/${kid}`) ?? this.#openingKey(portal, kid, remember)),
    );
    const keys = new Map(kids.map((kid, index) => [kid, found[index]]));
    return sealed.map(({ kid, ciphertext, eventId }) => {
      const key = keys.get(kid);
      const plaintext = key ? decrypt(key, Buffer.from(ciphertext, 'base64'), Buffer.from(eventId)) : null;
      return plaintext?.toString() ?? null;
    });
  }

  /** A key for finding what is kept as a keyed hash alone: the portal's, made at the first use. */
  async lookupKey(portal: string): Promise<KeyObject> {
    const known = this.#lookup.get(portal);
    if (known) return known;
    const key = await this.#makeKey(portal, PORTAL, 'lookup', 'lookup');
    this.#lookup.set(portal, key);
    return key;
  }

  /** Every key of the account. From now on none is kept for it. */
  async destroy(portal: string, account: string): Promise<void> {
    // first, so that whoever makes a key at this moment sees it
    await this.#erased.put([portal, account], 1);
    const prefix = [portal, account];
    for (;;) {
      const found = await this.#entries.list({ prefix, limit: PAGE });
      if (found.length === 0) return;
      await this.#entries.write(found.map(({ key }) => ({ delete: key })));
      for (const name of found.map(({ key }) => nameOf(key))) {
        this.#opening.delete(name);
        this.#sealing.delete(name);
      }
    }
  }

  isErased(portal: string, account: string): Promise<boolean> {
    return this.#erased.get([portal, account]).then((found) => found !== undefined);
  }

  /** The keys of months before that one. Answers how many there were. */
  async destroyBefore(month: string): Promise<number> {
    let destroyed = 0;
    for await (const { key } of allRecords(this.#entries, { page: PAGE })) {
      const part = String(key[2]);
      if (!byMonth.test(part) || part >= month || !(await this.#entries.delete(key))) continue;
      this.#opening.delete(nameOf(key));
      destroyed += 1;
    }
    return destroyed;
  }

  rotate(options: { readonly signal?: AbortSignal } = {}): Promise<Rotation> {
    return rotateEntries(this.#entries, () => this.#cipher, options);
  }

  entriesByKey(options?: CountOptions): Promise<ReadonlyMap<string, number>> {
    return countByKey(this.#entries, options);
  }

  async #makeSealingKey(portal: string, account: string, part: string, kid: string): Promise<SealingKey> {
    const key = await this.#makeKey(portal, account, part, kid);
    const sealing: SealingKey = {
      kid,
      seal: (plaintext, eventId) => ({
        kid,
        ciphertext: encrypt(key, plaintext, Buffer.from(eventId)).toString('base64'),
      }),
    };
    this.#sealing.set(`${portal}/${kid}`, sealing);
    return sealing;
  }

  async #makeKey(portal: string, account: string, part: string, kid: string): Promise<KeyObject> {
    const address = [portal, account, part];
    for (;;) {
      const present = await this.#read(portal, account, part);
      if (present) return this.#remember(portal, kid, createSecretKey(present));
      const bytes = randomBytes(KEY_BYTES);
      const made = await this.#entries.create(address, this.#cipher.encrypt({ portal, account, id: part }, bytes));
      if (!made) continue;
      const key = createSecretKey(bytes);
      if (!(await this.isErased(portal, account))) return this.#remember(portal, kid, key);
      // of an act that was under way when the account was deleted: nobody will read it
      await this.#entries.delete(address);
      return key;
    }
  }

  async #openingKey(portal: string, kid: string, remember: boolean): Promise<KeyObject | Buffer | null> {
    const slash = kid.lastIndexOf('/');
    const account = slash < 0 ? PORTAL : kid.slice(0, slash);
    const key = await this.#read(portal, account, kid.slice(slash + 1));
    return key && remember ? this.#remember(portal, kid, createSecretKey(key)) : key;
  }

  async #read(portal: string, account: string, part: string): Promise<Buffer | null> {
    const entry = await this.#entries.get([portal, account, part]);
    if (!entry) return null;
    try {
      return this.#cipher.decrypt({ portal, account, id: part }, entry);
    } catch (error) {
      if (!(error instanceof VaultDamaged)) throw error;
      // a key that was destroyed is another thing than one that cannot be read
      const damage = new StoreDamaged(error.message, { cause: error });
      this.#damaged?.(damage);
      throw damage;
    }
  }

  #remember(portal: string, kid: string, key: KeyObject): KeyObject {
    this.#opening.set(`${portal}/${kid}`, key);
    return key;
  }
}

const cipherOf = (ring: readonly RingKey[]) => new EntryCipher(new KeyRing(ring), 'twinlock personal key 1');

/** By which a key is remembered. */
function nameOf([portal, account, part]: Key): string {
  return account === PORTAL ? `${portal}/${part}` : `${portal}/${account}/${part}`;
}
