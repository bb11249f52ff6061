import type { Calling } from '../calls/calling.js';
import type { Options } from '../command/leaf.js';
import { say, tell } from '../command/output.js';
import { intoFile, jsonIn } from './secret-file.js';

/** The token goes to a file for the owner alone, or is shown once. @throws CommandError, SettingError */
export async function issueServiceToken(asked: Calling<'issueServiceToken'>, portal: string, options: Options) {
  const { name, scope: scopes, expires, output } = options;
  const file = output as string | undefined;
  const body = {
    name,
    scopes,
    ...(options.publicKey !== undefined && { publicKey: jsonIn('--public-key', 'JWK', options.publicKey as string) }),
    ...(expires !== undefined && { expiresAt: expires }),
  };
  const { id, token } =
    file === undefined
      ? await asked.call('issueServiceToken', { portal, ...body })
      : await intoFile(
          file,
          () => asked.call('issueServiceToken', { portal, ...body }),
          (issued) => issued.token,
        );
  if (options.json === true) return say(JSON.stringify({ id, ...(file === undefined ? { token } : { file }) }));
  if (file !== undefined) return say(`Issued ${id}. The token stands in ${file} (readable only by its owner).`);
  tell(`Issued ${id}. This is the token; it is not shown again:`);
  say(token);
}
