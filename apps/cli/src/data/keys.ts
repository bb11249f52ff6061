import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceApp } from '#libs/contracts/src/events/event.js';
import { lockDirectory } from '#libs/engine/src/embedded/file/lock.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { readSettings } from '#libs/platform/src/settings/config.js';
import { replacePrivate, storedRing } from '#libs/platform/src/settings/secrets.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import type { StoredEntry } from '#libs/vault/src/entry.js';
import { formatKeyRing, newRingKey, type RingKey } from '#libs/vault/src/keyring.js';
import { countByKey } from '#libs/vault/src/rotation.js';
import type { Options } from '../command/leaf.js';
import { answer, tell } from '../command/output.js';
import { Progress } from '../command/progress.js';
import { withStores } from './data.js';

/*
 * The key ring in the file of VAULT_KEYS_FILE, else DATA_DIR/vault-keys. A server that runs takes a changed file over at once and
 * re-encrypts while it serves; without one the next start does. Keys from VAULT_KEYS are changed where they are set.
 */

/** Whose records are under the key ring. */
const encrypted: readonly (readonly [SourceApp | 'openid', string, Kind])[] = [
  ['two-factor', 'vault', 'secrets'],
  ['admin-policy', 'vault', 'secrets'],
  ['two-factor', 'personal-keys', 'personalKeys'],
  ['identity', 'personal-keys', 'personalKeys'],
  ['admin-policy', 'personal-keys', 'personalKeys'],
  ['openid', 'openid-signing-keys', 'secrets'],
];
type Kind = 'secrets' | 'personalKeys';
type Counts = Record<Kind, number>;
const none: Counts = { secrets: 0, personalKeys: 0 };

export async function keyStatus(options: Options): Promise<void> {
  const { vaultKeys } = storedRing(readSettings(process.env));
  const counts = await entriesByKey();
  const keys = vaultKeys.map(({ id }, index) => ({ id, current: index === 0, ...(counts.get(id) ?? none) }));
  answer({ keys }, options, () =>
    keys
      .map(({ id, current, secrets, personalKeys }) => {
        const kinds = `${secrets} secrets, ${personalKeys} keys of personal data`;
        return `${id}: ${secrets + personalKeys} entries (${kinds})${current ? ', current key' : ''}`;
      })
      .join('\n'),
  );
}

/** `wait`: until no entry is under another key any more, which a server that runs sees to. */
export async function rotateKeys(options: Options): Promise<void> {
  const id = await withRing(({ vaultKeys, file }) => {
    const key = newRingKey(`k${randomBytes(4).toString('hex')}`);
    replacePrivate(file, `${formatKeyRing([key, ...vaultKeys])}\n`);
    return key.id;
  });
  answer(
    { current: id },
    options,
    () => `${id} is now the current key. When status shows no entries for the other keys, retire them.`,
  );
  if (options.wait === true) await reEncrypted(id);
}

const LOOK_MS = 500;

async function reEncrypted(current: string): Promise<void> {
  const progress = new Progress();
  for (let most = 0; ; await sleep(LOOK_MS)) {
    const entries = [...(await entriesByKey())].map(
      ([id, { secrets, personalKeys }]) => [id, secrets + personalKeys] as const,
    );
    const left = entries.reduce((sum, [id, count]) => (id === current ? sum : sum + count), 0);
    most = Math.max(most, left);
    if (left === 0) break;
    progress.at(`${left} entries under other keys; a server that runs re-encrypts them`, 1 - left / most);
  }
  progress.clear();
  tell(`All entries are under ${current}.`);
}

/** Challenges sealed under a retired key end. False: keys are left that have entries. */
export function retireKeys(options: Options): Promise<boolean> {
  return withRing(async ({ vaultKeys, file }) => {
    const counts = await entriesByKey();
    const kept = vaultKeys.filter(({ id }, index) => index === 0 || counts.has(id));
    replacePrivate(file, `${formatKeyRing(kept)}\n`);
    const retired = vaultKeys.length - kept.length;
    const ids = kept.map(({ id }) => id);
    answer({ retired, kept: ids }, options, () => `Retired ${retired} keys, kept ${ids.join(', ')}`);
    return kept.length === 1;
  });
}

interface Ring {
  readonly vaultKeys: readonly RingKey[];
  readonly file: string;
}

/** Of two that change it at once, one would lose the other's key, and what is under it by then. */
async function withRing<Result>(change: (ring: Ring) => Result | Promise<Result>): Promise<Result> {
  const { file } = ring();
  const lock = await lockDirectory(dirname(file), basename(file));
  if (lock === undefined) throw new StoreUnavailable(`${file} is being changed by another process`);
  try {
    return await change(ring());
  } finally {
    lock.release();
  }
}

/** One that can be changed here. */
function ring(): Ring {
  const { vaultKeys, vaultKeysFile } = storedRing(readSettings(process.env));
  if (vaultKeysFile === undefined)
    throw new SettingError('VAULT_KEYS', 'is set in the environment; change the keys there');
  return { vaultKeys, file: vaultKeysFile };
}

/** In all stores together. */
function entriesByKey(): Promise<ReadonlyMap<string, Counts>> {
  return withStores({ readOnly: true }, async (stores) => {
    const counts = new Map<string, Counts>();
    for (const [app, collection, kind] of encrypted) {
      const store = stores[app];
      if (!store) continue;
      for (const [keyId, count] of await countByKey(store.records<StoredEntry>(collection))) {
        const present = counts.get(keyId) ?? none;
        counts.set(keyId, { ...present, [kind]: present[kind] + count });
      }
    }
    return counts;
  });
}
