import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { portalId } from '#libs/contracts/src/primitives.js';
import { readSecretFile } from '#libs/platform/src/settings/files.js';
import { replacePrivate } from '#libs/platform/src/settings/secrets.js';
import { usageError } from '../command/exit.js';

const login = z.object({
  /** Origin of the product: the token goes nowhere else. */
  url: z.url(),
  portal: portalId,
  username: z.string(),
  token: z.string(),
  expiresAt: z.iso.datetime(),
});
/** A session of a person, as `twinlock login` keeps it. */
export type Login = z.output<typeof login>;

/** TWINLOCK_CONFIG is the folder; else `twinlock` where settings of a person stand (XDG Base Directory Specification). */
function folder({ TWINLOCK_CONFIG = '', XDG_CONFIG_HOME = '' }: NodeJS.ProcessEnv): string {
  if (TWINLOCK_CONFIG !== '') return TWINLOCK_CONFIG;
  return join(XDG_CONFIG_HOME.startsWith('/') ? XDG_CONFIG_HOME : join(homedir(), '.config'), 'twinlock');
}

const fileOf = (env: NodeJS.ProcessEnv): string => join(folder(env), 'login.json');

/** @throws SettingError others can read it; CommandError it is none of ours */
export function loginKept(env: NodeJS.ProcessEnv): Login | undefined {
  const file = fileOf(env);
  if (!existsSync(file)) return undefined;
  try {
    const read = login.safeParse(JSON.parse(readSecretFile('TWINLOCK_CONFIG', file, 'stands in')));
    if (read.success) return read.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw usageError(`${file} is no login: delete it, and log in again`);
}

/** For the owner alone. @throws CommandError it cannot be written */
export function keepLogin(env: NodeJS.ProcessEnv, kept: Login): void {
  try {
    mkdirSync(folder(env), { recursive: true, mode: 0o700 });
    replacePrivate(fileOf(env), `${JSON.stringify(kept)}\n`);
  } catch (error) {
    throw usageError(
      `the login cannot be kept in ${folder(env)} (${(error as NodeJS.ErrnoException).code}): set TWINLOCK_CONFIG`,
    );
  }
}

export const forgetLogin = (env: NodeJS.ProcessEnv): void => rmSync(fileOf(env), { force: true });
