import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { SettingError } from './setting-error.js';

/** Settings that may stand in a file instead, which `<NAME>_FILE` names. */
export const inFiles = [
  'OPERATOR_TOKEN',
  'VAULT_KEYS',
  'IDENTITY_VAULT_KEYS',
  'TWO_FACTOR_VAULT_KEYS',
  'ADMIN_POLICY_VAULT_KEYS',
  'OPENID_VAULT_KEYS',
  'BUS_KEYS',
  'MONGO_URL',
  'KAFKA_SASL_PASSWORD',
  'SMTP_URL',
] as const;

/**
 * The environment with the content of the files in the place of their names, without the blanks around it.
 * @throws SettingError a file that cannot be read or that others can, or a setting that is given twice
 */
export function withFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read = { ...env };
  for (const name of inFiles) {
    const path = env[`${name}_FILE`];
    if (path === undefined || path === '') continue;
    if (env[name] !== undefined && env[name] !== '') throw new SettingError(name, `and ${name}_FILE are both set`);
    read[name] = readSecretFile(`${name}_FILE`, path).trim();
    if (read[name] === '') throw new SettingError(`${name}_FILE`, 'names an empty file');
  }
  return read;
}

/** @throws SettingError it cannot be read */
export const readSettingFile = (setting: string, path: string): string => readFile(setting, path, 'names', () => true);

/**
 * One that nobody else may read (R49): the owner's alone, or root's and its group's, as secrets are mounted for a process that
 * is not root. PostgreSQL goes by the same for its keys.
 * @throws SettingError it cannot be read, or others can
 */
export const readSecretFile = (setting: string, path: string, verb: 'names' | 'stands in' = 'names'): string =>
  readFile(setting, path, verb, isPrivate);

function readFile(setting: string, path: string, verb: string, mayBeUsed: (file: Stats) => boolean): string {
  const file = resolve(path);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const text = readFileSync(descriptor, 'utf8');
    const stats = fstatSync(descriptor);
    if (mayBeUsed(stats)) return text;
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
    throw new SettingError(setting, `${verb} a file that others can read: ${file} (mode ${mode}, owner ${stats.uid})`);
  } catch (error) {
    if (error instanceof SettingError) throw error;
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new SettingError(setting, `${verb} a file that cannot be read: ${file} (${code})`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isPrivate({ mode, uid }: Stats): boolean {
  // Windows has no such modes
  const user = process.geteuid?.();
  if (user === undefined) return true;
  if (uid === user) return (mode & 0o077) === 0;
  return uid === 0 && (mode & 0o037) === 0;
}
