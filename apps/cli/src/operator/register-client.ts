import type { Calling } from '../calls/calling.js';
import type { Options } from '../command/leaf.js';
import { say, tell } from '../command/output.js';
import { intoFile, jsonIn } from './secret-file.js';

/** The secret, if there is one, goes to a file for the owner alone, or is shown once. @throws CommandError, SettingError */
export async function registerClient(asked: Calling<'registerClient'>, portal: string, options: Options) {
  const { name, redirect, logoutRedirect, output, json } = options;
  const file = output as string | undefined;
  const body = {
    name,
    redirectUris: redirect,
    ...(logoutRedirect !== undefined && { postLogoutRedirectUris: logoutRedirect }),
    ...(options.public === true && { public: true }),
    ...(options.vouches === true && { vouches: true }),
    ...(options.jwks !== undefined && { jwks: jsonIn('--jwks', 'JWK set', options.jwks as string) }),
  };
  const register = () => asked.call('registerClient', { portal, ...body });
  const { clientId, clientSecret } =
    file === undefined ? await register() : await intoFile(file, register, (made) => made.clientSecret);
  const isInFile = file !== undefined && clientSecret !== undefined;
  if (json === true) return say(JSON.stringify({ clientId, ...(isInFile ? { file } : { clientSecret }) }));
  if (clientSecret === undefined) return say(`Registered ${clientId}. It has no secret.`);
  if (isInFile) return say(`Registered ${clientId}. Its secret stands in ${file} (readable only by its owner).`);
  tell(`Registered ${clientId}. This is its secret; it is not shown again:`);
  say(clientSecret);
}
