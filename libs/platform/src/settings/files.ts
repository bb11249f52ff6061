import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SettingError } from './setting-error.js';

/** Settings that may stand in a file instead, which `<NAME>_FILE` names. */
export const inFiles = ['OPERATOR_TOKEN', 'VAULT_KEYS', 'MONGO_URL', 'KAFKA_SASL_PASSWORD'] as const;

/**
 * The environment with the content of the files in the place of their names, without the blanks around it.
 * @throws SettingError a file that cannot be read, or a setting that is given twice
 */
export function withFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read = { ...env };
  for (const name of inFiles) {
    const path = env[`${name}_FILE`];
    if (path === undefined || path === '') continue;
    if (env[name] !== undefined && env[name] !== '') throw new SettingError(name, `and ${name}_FILE are both set`);
    read[name] = readSettingFile(`${name}_FILE`, path).trim();
    if (read[name] === '') throw new SettingError(`${name}_FILE`, 'names a file that is empty');
  }
  return read;
}

/** @throws SettingError it cannot be read */
export function readSettingFile(setting: string, path: string): string {
  try {
    return readFileSync(resolve(path), 'utf8');
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new SettingError(setting, `names a file that cannot be read: ${resolve(path)} (${code})`);
  }
}
