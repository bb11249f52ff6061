import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_AGE_DAYS } from '#libs/contracts/src/installation.js';
import type { Settings } from '#libs/platform/src/settings/config.js';
import { operatorTokenSetting } from '#libs/platform/src/settings/config.js';
import { readSecretFile } from '#libs/platform/src/settings/files.js';
import { storedRing } from '#libs/platform/src/settings/secrets.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { KeyRingInvalid, parseKeyRing } from '#libs/vault/src/keyring.js';
import { failure, type Finding, warning, well } from './finding.js';

const CHECK = 'keys';

/** Modes and entropy of what only the product may know. Says nothing of what stands there. */
export function keyFindings(settings: Settings): Finding[] {
  const { DATA_DIR } = settings;
  const isNew = !existsSync(DATA_DIR);
  return [
    found('VAULT_KEYS', () => {
      if (settings.VAULT_KEYS === undefined && !existsSync(join(DATA_DIR, 'vault-keys')) && isNew)
        return firstStart('VAULT_KEYS');
      const { vaultKeys, vaultKeysFile } = storedRing(settings);
      const ageDays = vaultKeysFile === undefined ? 0 : (Date.now() - statSync(vaultKeysFile).mtimeMs) / 86_400_000;
      const says = `VAULT_KEYS: ${vaultKeys.length} ${vaultKeys.length === 1 ? 'key' : 'keys'}, random, ${vaultKeysFile === undefined ? 'from the environment' : 'readable only by its owner'}`;
      return ageDays > KEY_AGE_DAYS
        ? warning(CHECK, `${says}; not changed for ${Math.floor(ageDays)} days`, 'twinlock keys rotate')
        : well(CHECK, says);
    }),
    found('OPERATOR_TOKEN', () => {
      const file = join(DATA_DIR, 'operator-token');
      if (settings.OPERATOR_TOKEN === undefined && !existsSync(file)) return firstStart('OPERATOR_TOKEN');
      const token = settings.OPERATOR_TOKEN ?? readSecretFile('OPERATOR_TOKEN', file, 'stands in').trim();
      const read = operatorTokenSetting.safeParse(token);
      if (!read.success) throw new SettingError('OPERATOR_TOKEN', read.error.issues[0]!.message);
      // a word repeated, or one key pressed long: of 32 random characters more are different
      return new Set(token).size < 12
        ? warning(CHECK, 'OPERATOR_TOKEN has few different characters', 'Make one: openssl rand -base64 32.')
        : well(CHECK, 'OPERATOR_TOKEN is long enough');
    }),
    ...(settings.KAFKA_BROKERS === undefined ? [] : [found('BUS_KEYS', () => busKeys(settings))]),
  ];
}

function busKeys({ BUS_KEYS, DATA_DIR }: Settings): Finding {
  const file = join(DATA_DIR, 'bus-keys');
  if (BUS_KEYS === undefined && !existsSync(file)) return firstStart('BUS_KEYS');
  const keys = parseKeyRing(BUS_KEYS ?? readSecretFile('BUS_KEYS', file, 'stands in'));
  return well(CHECK, `BUS_KEYS: ${keys.length} ${keys.length === 1 ? 'key' : 'keys'}, random`);
}

/** Apps that run alone require theirs. */
const firstStart = (setting: string): Finding =>
  well(CHECK, `${setting}: none yet; the first start in one process makes it`);

function found(setting: string, look: () => Finding): Finding {
  try {
    return look();
  } catch (error) {
    if (error instanceof KeyRingInvalid)
      return failure(CHECK, `${setting} is invalid: ${error.message}`, makeAnother(setting));
    if (!(error instanceof SettingError)) throw error;
    const open = error.message.includes('others can read');
    return failure(
      CHECK,
      error.message,
      open ? 'chmod 600 the file, and replace what others may have read.' : makeAnother(setting),
    );
  }
}

const makeAnother = (setting: string): string =>
  setting === 'VAULT_KEYS'
    ? 'Put the key ring of this data there again: without it nothing that is encrypted can be read.'
    : `Set ${setting} anew, the same for every app.`;
