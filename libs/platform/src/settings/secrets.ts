import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { type AppName, encryptingApps, encrypts } from '#libs/contracts/src/http/endpoint.js';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { formatKeyRing, KeyRingInvalid, newRingKey, parseKeyRing } from '#libs/vault/src/keyring.js';
import { type Config, operatorTokenSetting, type Settings } from './config.js';
import { readSecretFile } from './files.js';
import { SettingError } from './setting-error.js';

export type Secrets = Pick<
  Config,
  'operatorToken' | 'vaultKeys' | 'vaultKeysFile' | 'vaultKeysOf' | 'busKeys' | 'busKeysFile'
>;

/**
 * Of an app alone, from the environment: the operator's token where the operator may call, the keys of what it stores, those
 * of the bus. What an app has no use for it does not take. @throws SettingError
 */
export function givenSecrets(settings: Settings, app: AppName): Secrets {
  const { OPERATOR_TOKEN, VAULT_KEYS, VAULT_KEYS_FILE } = settings;
  const operated = endpoints.some((endpoint) => endpoint.app === app && endpoint.allow.includes('operator'));
  if (operated && OPERATOR_TOKEN === undefined) throw new SettingError('OPERATOR_TOKEN', 'is missing');
  // the others store nothing that is encrypted under keys of their own
  const hasRing = encrypts(app);
  if (hasRing && VAULT_KEYS === undefined) throw new SettingError('VAULT_KEYS', 'is missing');
  return {
    ...(operated && { operatorToken: OPERATOR_TOKEN }),
    ...(hasRing ? vaultRing(ringGiven('VAULT_KEYS', VAULT_KEYS!, VAULT_KEYS_FILE)) : { vaultKeys: [] }),
    ...busRingGiven(settings),
  };
}

/**
 * Of standalone: what the environment lacks stands in files of mode 0600 in DATA_DIR, made at the first start.
 * `made` are the paths of those that were made now.
 * @throws SettingError
 */
export function keptSecrets(settings: Settings, hasData: boolean): Secrets & { readonly made: readonly string[] } {
  const { OPERATOR_TOKEN, VAULT_KEYS, VAULT_KEYS_FILE, KAFKA_BROKERS, DATA_DIR } = settings;
  inDataDir(() => mkdirSync(DATA_DIR, { recursive: true, mode: 0o700 }));
  const made: string[] = [];
  const kept = (setting: string, name: string, create: () => string): string => {
    const path = join(DATA_DIR, name);
    if (!existsSync(path)) {
      const text = create();
      inDataDir(() => writePrivate(path, `${text}\n`));
      made.push(path);
    }
    return readSecretFile(setting, path, 'stands in').trim();
  };
  const keptRing = (setting: string, name: string): Ring => {
    const file = join(DATA_DIR, name);
    const text = kept(setting, name, () => {
      // new keys would open nothing of what is stored
      if (hasData && setting === 'VAULT_KEYS')
        throw new SettingError(setting, `is missing, as is ${name} in ${DATA_DIR}, which holds data`);
      return formatKeyRing([newRingKey(`k${randomBytes(4).toString('hex')}`)]);
    });
    return { keys: ringOf(text, `${setting} in ${file}`), file };
  };

  const newToken = () => randomBytes(32).toString('base64url');
  const operatorToken = OPERATOR_TOKEN ?? kept('OPERATOR_TOKEN', 'operator-token', newToken);
  const checked = operatorTokenSetting.safeParse(operatorToken);
  if (!checked.success) {
    throw new SettingError(
      'OPERATOR_TOKEN',
      `in ${join(DATA_DIR, 'operator-token')} ${checked.error.issues[0]!.message}`,
    );
  }
  const vault =
    VAULT_KEYS === undefined
      ? keptRing('VAULT_KEYS', 'vault-keys')
      : ringGiven('VAULT_KEYS', VAULT_KEYS, VAULT_KEYS_FILE);
  const keptForBus = KAFKA_BROKERS !== undefined && settings.BUS_KEYS === undefined;
  const bus = keptForBus ? busRing(keptRing('BUS_KEYS', 'bus-keys')) : busRingGiven(settings);
  return { operatorToken, ...vaultRing(vault), ...ringsOfApps(settings), ...bus, made };
}

/** The ring of what is stored, for tools: nothing is made. @throws SettingError */
export function storedRing({ VAULT_KEYS, VAULT_KEYS_FILE, DATA_DIR }: Settings): RingGiven {
  if (VAULT_KEYS !== undefined) return vaultRing(ringGiven('VAULT_KEYS', VAULT_KEYS, VAULT_KEYS_FILE));
  const file = join(DATA_DIR, 'vault-keys');
  if (!existsSync(file)) throw new SettingError('VAULT_KEYS', `is missing, as is ${file}`);
  const text = readSecretFile('VAULT_KEYS', file, 'stands in').trim();
  return vaultRing({ keys: ringOf(text, `VAULT_KEYS in ${file}`), file });
}

/** The ring that this app's entries are under. @throws SettingError */
export const storedRingOf = (settings: Settings, app: AppName): Config['vaultKeys'] =>
  ringsOfApps(settings).vaultKeysOf?.[app] ?? storedRing(settings).vaultKeys;

type RingGiven = Pick<Config, 'vaultKeys' | 'vaultKeysFile'>;
interface Ring {
  readonly keys: Config['vaultKeys'];
  /** Where it stands, if not in the environment itself. */
  readonly file?: string;
}

const vaultRing = ({ keys, file }: Ring): RingGiven => ({
  vaultKeys: keys,
  ...(file !== undefined && { vaultKeysFile: file }),
});
const busRing = ({ keys, file }: Ring): Pick<Config, 'busKeys' | 'busKeysFile'> => ({
  busKeys: keys,
  ...(file !== undefined && { busKeysFile: file }),
});

/** Of apps that run by themselves elsewhere, each with a ring of its own. */
function ringsOfApps(settings: Settings): Pick<Config, 'vaultKeysOf'> {
  const rings = encryptingApps.flatMap((app) => {
    const setting =
      `${app.toUpperCase().replace('-', '_') as 'IDENTITY' | 'TWO_FACTOR' | 'ADMIN_POLICY' | 'OPENID'}_VAULT_KEYS` as const;
    const ring = settings[setting];
    return ring === undefined ? [] : [[app, ringOf(ring, setting)] as const];
  });
  return rings.length === 0 ? {} : { vaultKeysOf: Object.fromEntries(rings) };
}

/** None without Kafka. */
function busRingGiven({ KAFKA_BROKERS, BUS_KEYS, BUS_KEYS_FILE }: Settings): Pick<Config, 'busKeys' | 'busKeysFile'> {
  if (KAFKA_BROKERS === undefined || BUS_KEYS === undefined) return {};
  return busRing(ringGiven('BUS_KEYS', BUS_KEYS, BUS_KEYS_FILE));
}

function ringGiven(setting: string, ring: string, file: string | undefined): Ring {
  if (file === undefined) return { keys: ringOf(ring, setting) };
  return { keys: ringOf(ring, `${setting}_FILE`), file: resolve(file) };
}

function ringOf(text: string, setting: string): Config['vaultKeys'] {
  try {
    return parseKeyRing(text);
  } catch (error) {
    if (error instanceof KeyRingInvalid) throw new SettingError(setting, `is invalid: ${error.message}`);
    throw error;
  }
}

/** @throws SettingError */
function inDataDir<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new SettingError('DATA_DIR', `cannot be used: ${(error as Error).message}`);
  }
}

/** Whole or not at all, for the owner alone from its first byte; what stands there already stays. */
export function writePrivate(path: string, text: string): void {
  // two containers may number their processes alike
  const draft = `${path}.${randomUUID()}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
}

/** Another text in the place of the file, at once and whole, for the owner alone. */
export function replacePrivate(path: string, text: string): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  writePrivate(draft, text);
  renameSync(draft, path);
}
