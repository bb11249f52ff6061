import { existsSync } from 'node:fs';
import { readSettingFile } from '#libs/platform/src/settings/files.js';
import { writePrivate } from '#libs/platform/src/settings/secrets.js';
import type { Calling } from '../calls/calling.js';
import { usageError } from '../command/exit.js';
import type { Options } from '../command/leaf.js';
import { say, tell } from '../command/output.js';

/** The token goes to a file for the owner alone, or is shown once. @throws CommandError, SettingError */
export async function issueServiceToken(asked: Calling<'issueServiceToken'>, portal: string, options: Options) {
  const { name, scope: scopes, expires, output } = options;
  const file = output as string | undefined;
  // before there is a token that nobody has
  if (file !== undefined && existsSync(file)) throw usageError(`${file} is there already`);
  const body = {
    name,
    scopes,
    ...(options.publicKey !== undefined && { publicKey: jwkIn(options.publicKey as string) }),
    ...(expires !== undefined && { expiresAt: expires }),
  };
  const { id, token } = await asked.call('issueServiceToken', { portal, ...body });
  if (file !== undefined) writePrivate(file, `${token}\n`);
  if (options.json === true) return say(JSON.stringify({ id, ...(file === undefined ? { token } : { file }) }));
  if (file !== undefined) return say(`Issued ${id}. The token stands in ${file} (readable only by its owner).`);
  tell(`Issued ${id}. This is the token; it is not shown again:`);
  say(token);
}

function jwkIn(file: string): unknown {
  try {
    return JSON.parse(readSettingFile('--public-key', file));
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`--public-key names a file that is no JWK: ${file}`);
    throw error;
  }
}
