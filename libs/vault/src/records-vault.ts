import { type Engine, type Key, type Records, StoreDamaged, StoreUnavailable } from '#libs/engine/src/port.js';
import { EntryCipher, keyIdOf, type StoredEntry, UNREADABLE } from './entry.js';
import { KeyRing, type RingKey } from './keyring.js';
import { type IdsNamed, type Serving, type Vault, VaultDamaged, type VaultKey } from './port.js';
import { type CountOptions, countByKey, type RingUser, rotateEntries, type Rotation } from './rotation.js';

/** Why an entry needs a look after a crash: it may not have its event yet, or may be about to lose it. */
interface Note {
  readonly why: 'new' | 'ending';
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** No command takes as long from `put` to its event: what is new and older than this was left by a crash. */
const IN_FLIGHT_MS = 10 * 60_000;
const PAGE = 200;

/** The vault in an app's own engine: records `vault` and `vault-touched`, both by [portal, account, id]. */
export class RecordsVault implements Vault, RingUser {
  readonly #entries: Records<StoredEntry>;
  readonly #notes: Records<Note>;
  /** Whether other processes work on the same entries. */
  readonly #shared: boolean;
  readonly #damaged: Engine['damaged'] | undefined;
  readonly #clock: () => number;
  #cipher: EntryCipher;

  /** @param keys the first encrypts, all decrypt. @throws KeyRingInvalid */
  constructor(
    engine: Pick<Engine, 'records'> &
      Partial<Pick<Engine, 'damaged'>> & { readonly log: Pick<Engine['log'], 'shared'> },
    keys: readonly RingKey[],
    clock: () => number = Date.now,
  ) {
    this.#entries = engine.records('vault');
    this.#notes = engine.records('vault-touched');
    this.#shared = engine.log.shared;
    this.#damaged = engine.damaged;
    this.#clock = clock;
    this.#cipher = new EntryCipher(new KeyRing(keys));
  }

  /** Takes another key ring at once; `rotate` then brings every entry under its present key. @throws KeyRingInvalid */
  useRing(keys: readonly RingKey[]): void {
    this.#cipher = new EntryCipher(new KeyRing(keys));
  }

  async put(key: VaultKey, plaintext: Buffer): Promise<void> {
    const address = addressOf(key);
    await this.#notes.put(address, { why: 'new', at: this.#clock() });
    let cipher = this.#cipher;
    let entry = cipher.encrypt(key, plaintext);
    await this.#entries.put(address, entry);
    // a rotation to another ring may have passed here before the entry was there
    while (cipher !== this.#cipher) {
      cipher = this.#cipher;
      const replacement = cipher.encrypt(key, plaintext);
      if (!(await this.#entries.replace(address, entry, replacement))) return;
      entry = replacement;
    }
  }

  async get(key: VaultKey): Promise<Buffer | undefined> {
    const entry = await this.#entries.get(addressOf(key));
    if (entry === undefined) return undefined;
    try {
      return this.#cipher.decrypt(key, entry);
    } catch (error) {
      const keyId = keyIdOf(entry);
      // one under another key waits for the ring that has it
      if (error instanceof VaultDamaged && (keyId === UNREADABLE || this.#cipher.has(keyId))) this.#damaged?.(error);
      throw error;
    }
  }

  async touch(portal: string, account: string, ids: readonly string[]): Promise<void> {
    const note: Note = { why: 'ending', at: this.#clock() };
    await Promise.all(ids.map((id) => this.#notes.put([portal, account, id], note)));
  }

  async keepOnly(portal: string, account: string, idsNamed: IdsNamed): Promise<void> {
    await this.#settle(portal, account, idsNamed, IN_FLIGHT_MS);
  }

  async destroy(portal: string, account: string, ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#destroyEntry([portal, account, id])));
  }

  async recover(
    idsNamed: (portal: string, account: string) => Promise<readonly string[]>,
    serving?: Serving,
  ): Promise<number> {
    // an engine of this process alone has no command in flight at a start
    const inFlightMs = this.#shared || serving !== undefined ? IN_FLIGHT_MS : 0;
    let destroyed = 0;
    let after: Key | undefined;
    for (;;) {
      const notes = await this.#notes.list({ limit: PAGE, ...(after && { after }) });
      const accounts = new Map(
        notes.map(({ key: [portal, account] }) => [
          JSON.stringify([portal, account]),
          { portal: String(portal), account: String(account) },
        ]),
      );
      for (const { portal, account } of accounts.values()) {
        try {
          destroyed += await this.#settle(portal, account, () => idsNamed(portal, account), inFlightMs);
        } catch (error) {
          // a store that is away fails all of them
          if (serving === undefined || error instanceof StoreUnavailable) throw error;
          serving.failed(portal, account, error);
        }
      }
      if (notes.length < PAGE) return destroyed;
      after = notes.at(-1)?.key;
    }
  }

  /** Re-encrypts on the live system every entry that is not under the present key. May be stopped and begun again. */
  rotate(options: { readonly signal?: AbortSignal } = {}): Promise<Rotation> {
    return rotateEntries(this.#entries, () => this.#cipher, options);
  }

  /** How many entries are under each key id; a key that has none may leave the ring. */
  entriesByKey(options?: CountOptions): Promise<ReadonlyMap<string, number>> {
    return countByKey(this.#entries, options);
  }

  async #settle(portal: string, account: string, idsNamed: IdsNamed, inFlightMs: number): Promise<number> {
    // In this order: an entry has its note before it is there, and its event before its note goes. So what is listed here
    // without a note had an event once, and if the log does not name it now, it never will again.
    const entries = await this.#idsListed(portal, account);
    const notes = await listAccount(this.#notes, portal, account);
    const named = new Set(await idsNamed());

    const inFlight = (note: Note) => inFlightMs > 0 && Math.abs(this.#clock() - note.at) < inFlightMs;
    let destroyed = 0;
    for (const id of new Set([...entries, ...notes.keys()])) {
      const address = [portal, account, id];
      const note = notes.get(id);
      if (named.has(id)) {
        // a young note of an ending belongs to a command that has not appended yet
        if (note && !(note.why === 'ending' && inFlight(note))) await this.#notes.delete(address);
      } else if (!(note?.why === 'new' && inFlight(note))) {
        if (await this.#destroyEntry(address)) destroyed += 1;
      }
    }
    return destroyed;
  }

  /** Where an entry is damaged, none can be listed: those that lose their event have a note, and go by it. */
  async #idsListed(portal: string, account: string): Promise<string[]> {
    try {
      return [...(await listAccount(this.#entries, portal, account)).keys()];
    } catch (error) {
      if (error instanceof StoreDamaged) return [];
      throw error;
    }
  }

  /** The note goes last: after a crash in between it still says what is to be destroyed. */
  async #destroyEntry(address: Key): Promise<boolean> {
    const existed = await this.#entries.delete(address);
    await this.#notes.delete(address);
    return existed;
  }
}

const addressOf = ({ portal, account, id }: VaultKey): Key => [portal, account, id];

async function listAccount<Value>(
  records: Records<Value>,
  portal: string,
  account: string,
): Promise<Map<string, Value>> {
  const found = await records.list({ prefix: [portal, account] });
  return new Map(found.map(({ key, value }) => [String(key[2]), value]));
}
