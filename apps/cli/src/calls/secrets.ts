import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { operatorTokenSetting } from '#libs/platform/src/settings/config.js';
import { readSecretFile, withFiles } from '#libs/platform/src/settings/files.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { usageError } from '../command/exit.js';
import { ask, askPassword, canAsk } from '../command/prompt.js';

interface Prompt {
  /** False: nobody is there to be asked, or something else comes that way. */
  readonly canAsk: boolean;
}

/**
 * The operator's token, as the product is given it: a file that is named, OPERATOR_TOKEN_FILE or OPERATOR_TOKEN; else the file
 * that standalone made in DATA_DIR; else a prompt.
 * @throws SettingError, CommandError
 */
export async function operatorToken(env: NodeJS.ProcessEnv, prompt: Prompt, file?: string): Promise<string> {
  const { OPERATOR_TOKEN, OPERATOR_TOKEN_FILE, DATA_DIR = './data' } = env;
  const given =
    file === undefined
      ? set(withFiles({ OPERATOR_TOKEN, OPERATOR_TOKEN_FILE }).OPERATOR_TOKEN)
      : readSecretFile('--operator-token-file', file).trim();
  const kept = join(DATA_DIR, 'operator-token');
  const text =
    given ??
    (existsSync(kept) ? readSecretFile('DATA_DIR', kept, 'stands in').trim() : await asked("Operator's token", prompt));
  const { data, error } = operatorTokenSetting.safeParse(text);
  if (data === undefined) throw new SettingError('OPERATOR_TOKEN', error.issues[0]!.message);
  return data;
}

/** Of an encrypted export. @throws SettingError, CommandError */
export async function exportPassword(
  env: NodeJS.ProcessEnv,
  file: string | undefined,
  prompt: Prompt,
): Promise<string> {
  // a password may have blanks around it, but no line does
  if (file !== undefined) return readSecretFile('--password-file', file).replace(/\r?\n$/, '');
  return set(env.IMPORT_PASSWORD) ?? asked('Password or key of the export', prompt);
}

/** A service token or a session that is used in the place of the login. @throws SettingError */
export const tokenGiven = (env: NodeJS.ProcessEnv): string | undefined =>
  fromEnvironment(env, 'TWINLOCK_TOKEN')?.trim();

/** A person's: of a file that is named, TWINLOCK_PASSWORD_FILE or TWINLOCK_PASSWORD; else none. @throws SettingError */
export function passwordGiven(env: NodeJS.ProcessEnv, file?: string): string | undefined {
  if (file !== undefined) return readSecretFile('--password-file', file).replace(/\r?\n$/, '');
  return fromEnvironment(env, 'TWINLOCK_PASSWORD');
}

/** That, or what is typed. @throws SettingError, CommandError */
export const passwordOf = async (env: NodeJS.ProcessEnv, file?: string, what?: string): Promise<string> =>
  passwordGiven(env, file) ?? askPassword(what);

/** A new one is typed twice. @throws SettingError, CommandError */
export async function newPasswordOf(env: NodeJS.ProcessEnv, file: string | undefined, what: string): Promise<string> {
  const given = passwordGiven(env, file);
  if (given !== undefined) return given;
  const typed = await askPassword(what);
  if (typed !== (await askPassword(`${what}, again`))) throw usageError('the two passwords differ');
  return typed;
}

/** A code of an authenticator app, or a backup code, as the API tells them apart. @throws CommandError */
export async function codeOf(env: NodeJS.ProcessEnv): Promise<{ code: string } | { backupCode: string }> {
  const text = (set(env.TWINLOCK_CODE) ?? (await ask('Code (or a backup code)', { hidden: true }))).replace(/\s/g, '');
  return text.replaceAll('-', '').length > 8 ? { backupCode: text } : { code: text };
}

/** Whether a code can come from somewhere. */
export const hasCode = (env: NodeJS.ProcessEnv): boolean => set(env.TWINLOCK_CODE) !== undefined || canAsk();

function fromEnvironment(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const [text, file] = [set(env[name]), set(env[`${name}_FILE`])];
  if (text !== undefined && file !== undefined) throw new SettingError(name, `and ${name}_FILE are both set`);
  return file === undefined ? text : readSecretFile(`${name}_FILE`, file).replace(/\r?\n$/, '');
}

/** An empty one is none, as among the settings of the product. */
const set = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

async function asked(what: string, prompt: Prompt): Promise<string> {
  if (!prompt.canAsk) throw usageError(`${what}: it is given nowhere, and nobody can be asked`);
  return ask(what, { hidden: true });
}
