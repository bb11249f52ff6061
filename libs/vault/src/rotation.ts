import { allRecords } from '#libs/engine/src/records.js';
import type { Records } from '#libs/engine/src/port.js';
import { type EntryCipher, keyIdOf, type StoredEntry } from './entry.js';
import type { RingKey } from './keyring.js';
import { VaultDamaged, type VaultKey } from './port.js';

/** What works by a key ring. What it stores under the ring it counts and brings under the present key. */
export interface RingUser {
  /** Takes another ring at once. @throws KeyRingInvalid */
  useRing(ring: readonly RingKey[]): void;
  /** Re-encrypts on the live system every entry that is not under the present key. May be stopped and begun again. */
  rotate?(options: { readonly signal?: AbortSignal }): Promise<Rotation>;
  /** How many entries are under each key id, looking at so many at most. */
  entriesByKey?(options?: CountOptions): Promise<ReadonlyMap<string, number>>;
}

export interface CountOptions {
  /** The first ones; all unless told. */
  readonly atMost?: number;
}

/** What a rotation did. */
export interface Rotation {
  /** The key that entries are under now. */
  readonly presentKeyId: string;
  readonly reencrypted: number;
  /** Destroyed by others before their turn came. */
  readonly destroyedMeanwhile: number;
  /** Cannot be decrypted, and left as they are. */
  readonly damaged: readonly VaultKey[];
  /** False: it was stopped. Doing it again goes on with what is left. */
  readonly complete: boolean;
}

const BATCH = 100;

/**
 * Re-encrypts every entry that is not under the present key, while the vault is used. Each is replaced only if it is still
 * what was read, so that none is lost, and none comes back that was destroyed meanwhile.
 */
export async function rotateEntries(
  entries: Records<StoredEntry>,
  currentCipher: () => EntryCipher,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Rotation> {
  const counts = { reencrypted: 0, destroyedMeanwhile: 0 };
  let cipher = currentCipher();
  let damaged: VaultKey[] = [];
  let complete = false;
  let after: VaultKey | undefined;
  while (!complete && !signal?.aborted) {
    if (cipher !== currentCipher()) {
      // another ring came: what was done is under a key that is present no more
      [cipher, damaged, after] = [currentCipher(), [], undefined];
    }
    const batch = await listEntries(entries, after);
    const stale = batch.filter(({ entry }) => keyIdOf(entry) !== cipher.presentKeyId);
    for (const { key, outcome } of await Promise.all(stale.map(({ key }) => rotateEntry(entries, cipher, key)))) {
      if (outcome === 'damaged') damaged.push(key);
      else counts[outcome] += 1;
    }
    after = batch.at(-1)?.key;
    complete = batch.length < BATCH && cipher === currentCipher();
  }
  return { presentKeyId: cipher.presentKeyId, ...counts, damaged, complete };
}

/** How many entries are under each key id. */
export async function countByKey(
  entries: Records<StoredEntry>,
  { atMost = Infinity }: CountOptions = {},
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let left = atMost;
  for await (const { value } of allRecords(entries, { page: BATCH })) {
    if (left-- <= 0) break;
    const keyId = keyIdOf(value);
    counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
  }
  return counts;
}

type Outcome = 'reencrypted' | 'destroyedMeanwhile' | 'damaged';

async function rotateEntry(
  entries: Records<StoredEntry>,
  cipher: EntryCipher,
  key: VaultKey,
): Promise<{ key: VaultKey; outcome: Outcome }> {
  const address = [key.portal, key.account, key.id];
  for (;;) {
    const entry = await entries.get(address);
    if (entry === undefined) return { key, outcome: 'destroyedMeanwhile' };
    if (keyIdOf(entry) === cipher.presentKeyId) return { key, outcome: 'reencrypted' };
    const replacement = reencrypt(cipher, key, entry);
    if (!replacement) return { key, outcome: 'damaged' };
    if (await entries.replace(address, entry, replacement)) return { key, outcome: 'reencrypted' };
  }
}

function reencrypt(cipher: EntryCipher, key: VaultKey, entry: StoredEntry): StoredEntry | null {
  try {
    const plaintext = cipher.decrypt(key, entry);
    const replacement = cipher.encrypt(key, plaintext);
    plaintext.fill(0);
    return replacement;
  } catch (error) {
    if (error instanceof VaultDamaged) return null;
    throw error;
  }
}

async function listEntries(entries: Records<StoredEntry>, after?: VaultKey) {
  const found = await entries.list({
    limit: BATCH,
    ...(after && { after: [after.portal, after.account, after.id] }),
  });
  return found.map(({ key: [portal, account, id], value }) => ({
    key: { portal: String(portal), account: String(account), id: String(id) },
    entry: value,
  }));
}
