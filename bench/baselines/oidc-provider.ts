import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { bareClient } from '../openid/bare-client.js';

/**
 * The library by itself, with its memory adapter: whoever comes is logged in by the name that is asked for. What it issues is
 * what the product does: an ID token by ES256, an access token and a refresh token that is good once.
 */
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const server = createServer();
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const provider = new Provider(origin, {
  clients: [
    {
      client_id: bareClient.id,
      client_secret: bareClient.secret,
      redirect_uris: [bareClient.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig' }] },
  cookies: { keys: ['of the benchmarks'] },
  features: { devInteractions: { enabled: false }, introspection: { enabled: true } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  issueRefreshToken: () => true,
  loadExistingGrant: async ({ oidc: { client, account, session, provider: own } }) => {
    const known = session?.grantIdFor(client!.clientId);
    if (known !== undefined) return own.Grant.find(known);
    const grant = new own.Grant({ clientId: client!.clientId, accountId: account!.accountId });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});

async function logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  await provider.interactionFinished(request, response, { login: { accountId: String(params.login_hint) } });
}
const handle = provider.callback();
server.on('request', (request: IncomingMessage, response: ServerResponse) => {
  void (request.url?.startsWith('/interaction/') ? logIn(request, response) : handle(request, response));
});
console.log(`The library is at ${origin}`);
process.on('SIGTERM', () => process.exit(0));
