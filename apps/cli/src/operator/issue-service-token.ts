import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { readSettingFile } from '#libs/platform/src/settings/files.js';
import type { Calling } from '../calls/calling.js';
import { usageError } from '../command/exit.js';
import type { Options } from '../command/leaf.js';
import { say, tell } from '../command/output.js';

/** The token goes to a file for the owner alone, or is shown once. @throws CommandError, SettingError */
export async function issueServiceToken(asked: Calling<'issueServiceToken'>, portal: string, options: Options) {
  const { name, scope: scopes, expires, output } = options;
  const file = output as string | undefined;
  const body = {
    name,
    scopes,
    ...(options.publicKey !== undefined && { publicKey: jwkIn(options.publicKey as string) }),
    ...(expires !== undefined && { expiresAt: expires }),
  };
  const { id, token } =
    file === undefined
      ? await asked.call('issueServiceToken', { portal, ...body })
      : await intoFile(file, () => asked.call('issueServiceToken', { portal, ...body }));
  if (options.json === true) return say(JSON.stringify({ id, ...(file === undefined ? { token } : { file }) }));
  if (file !== undefined) return say(`Issued ${id}. The token stands in ${file} (readable only by its owner).`);
  tell(`Issued ${id}. This is the token; it is not shown again:`);
  say(token);
}

/** The file is there before the token, which nobody would have else. */
async function intoFile<Issued extends { readonly token: string }>(path: string, issue: () => Promise<Issued>) {
  const file = opened(path);
  let issued: Issued | undefined;
  try {
    issued = await issue();
    writeSync(file, `${issued.token}\n`);
    fsyncSync(file);
    return issued;
  } finally {
    closeSync(file);
    if (!issued) rmSync(path, { force: true });
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(code === 'EEXIST' ? `${path} is there already` : `${path} cannot be written (${code})`);
  }
}

function jwkIn(file: string): unknown {
  try {
    return JSON.parse(readSettingFile('--public-key', file));
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`--public-key names a file that is no JWK: ${file}`);
    throw error;
  }
}
