import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { read } from 'read';
import { operatorTokenSetting } from '#libs/platform/src/settings/config.js';
import { readSecretFile, withFiles } from '#libs/platform/src/settings/files.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { UsageError } from './options.js';

interface Prompt {
  /** False: nobody is there to be asked, or the export comes that way. */
  readonly canAsk: boolean;
}

/**
 * The operator's token, as the product is given it: OPERATOR_TOKEN_FILE or OPERATOR_TOKEN; else the file that standalone made in
 * DATA_DIR; else a prompt.
 * @throws SettingError, UsageError
 */
export async function operatorToken(env: NodeJS.ProcessEnv, prompt: Prompt): Promise<string> {
  const { OPERATOR_TOKEN, OPERATOR_TOKEN_FILE, DATA_DIR = './data' } = env;
  const given = set(withFiles({ OPERATOR_TOKEN, OPERATOR_TOKEN_FILE }).OPERATOR_TOKEN);
  const kept = join(DATA_DIR, 'operator-token');
  const text =
    given ??
    (existsSync(kept) ? readSecretFile('DATA_DIR', kept, 'stands in').trim() : await ask("Operator's token", prompt));
  const { data, error } = operatorTokenSetting.safeParse(text);
  if (data === undefined) throw new SettingError('OPERATOR_TOKEN', error.issues[0]!.message);
  return data;
}

/** Of an encrypted export. @throws SettingError, UsageError */
export async function exportPassword(
  env: NodeJS.ProcessEnv,
  file: string | undefined,
  prompt: Prompt,
): Promise<string> {
  // a password may have blanks around it, but no line does
  if (file !== undefined) return readSecretFile('--password-file', file).replace(/\r?\n$/, '');
  return set(env.IMPORT_PASSWORD) ?? ask('Password or key of the export', prompt);
}

/** An empty one is none, as among the settings of the product. */
const set = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

async function ask(what: string, { canAsk }: Prompt): Promise<string> {
  if (!canAsk) throw new UsageError(`${what}: it is given nowhere, and nobody can be asked`);
  try {
    // not on standard output, which may be a file
    return (await read({ prompt: `${what}: `, silent: true, output: process.stderr })).trim();
  } catch {
    throw new UsageError('cancelled');
  }
}
