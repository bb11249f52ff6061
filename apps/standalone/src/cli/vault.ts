import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { lockDirectory } from '#libs/engine/src/embedded/file/lock.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { readSettings } from '#libs/platform/src/settings/config.js';
import { replacePrivate, storedRing } from '#libs/platform/src/settings/secrets.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import type { StoredEntry } from '#libs/vault/src/entry.js';
import { formatKeyRing, newRingKey, type RingKey } from '#libs/vault/src/keyring.js';
import { countByKey } from '#libs/vault/src/rotation.js';
import { runTool, withStores } from './data.js';

/*
 * `npm run vault -- status | rotate | retire`: the key ring in the file of VAULT_KEYS_FILE, else DATA_DIR/vault-keys. A server
 * that runs takes a changed file over at once and re-encrypts while it serves; without one the next start does. Keys from
 * VAULT_KEYS are changed where they are set.
 */

/** Whose records are under the key ring. */
const encrypted: readonly (readonly [AppName, string, Kind])[] = [
  ['two-factor', 'vault', 'secrets'],
  ['two-factor', 'personal-keys', 'personalKeys'],
  ['identity', 'personal-keys', 'personalKeys'],
  ['admin-policy', 'personal-keys', 'personalKeys'],
];
type Kind = 'secrets' | 'personalKeys';
type Counts = Record<Kind, number>;
const none: Counts = { secrets: 0, personalKeys: 0 };

const verbs: Record<string, () => Promise<boolean>> = {
  status,
  rotate: () => withRing(rotate),
  retire: () => withRing(retire),
};
await runTool(async () => {
  const verb = verbs[process.argv[2] ?? 'status'];
  if (verb) return verb();
  console.error(`usage: npm run vault -- ${Object.keys(verbs).join(' | ')}`);
  return false;
});

async function status(): Promise<boolean> {
  const { vaultKeys } = storedRing(readSettings(process.env));
  const counts = await entriesByKey();
  vaultKeys.forEach(({ id }, index) => {
    const { secrets, personalKeys } = counts.get(id) ?? none;
    const kinds = `${secrets} secrets, ${personalKeys} keys of personal data`;
    console.log(`${id}: ${secrets + personalKeys} entries (${kinds})${index === 0 ? ', current key' : ''}`);
  });
  return true;
}

async function rotate({ vaultKeys, file }: Ring): Promise<boolean> {
  const key = newRingKey(`k${randomBytes(4).toString('hex')}`);
  replacePrivate(file, `${formatKeyRing([key, ...vaultKeys])}\n`);
  console.log(`${key.id} is now the current key. When status shows no entries for the other keys, retire them.`);
  return true;
}

/** Challenges sealed under a retired key end. */
async function retire({ vaultKeys, file }: Ring): Promise<boolean> {
  const counts = await entriesByKey();
  const kept = vaultKeys.filter(({ id }, index) => index === 0 || counts.has(id));
  replacePrivate(file, `${formatKeyRing(kept)}\n`);
  console.log(`Retired ${vaultKeys.length - kept.length} keys, kept ${kept.map(({ id }) => id).join(', ')}`);
  return kept.length === 1;
}

interface Ring {
  readonly vaultKeys: readonly RingKey[];
  readonly file: string;
}

/** Of two that change it at once, one would lose the other's key, and what is under it by then. */
async function withRing(change: (ring: Ring) => Promise<boolean>): Promise<boolean> {
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
      for (const [keyId, count] of await countByKey(stores[app].records<StoredEntry>(collection))) {
        const present = counts.get(keyId) ?? none;
        counts.set(keyId, { ...present, [kind]: present[kind] + count });
      }
    }
    return counts;
  });
}
