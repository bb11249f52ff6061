/** A gateway with passwords of its own and no page for the second factor: it hands people over. See docs/integrate/hand-over.md. */
import { readFileSync } from 'node:fs';
import { parseCookie } from 'cookie';
import fastify, { type FastifyReply } from 'fastify';
import { importPKCS8 } from 'jose';
import * as oidc from 'openid-client';
import { begin, sessionOf, type User, userBy } from '../gateway/people.js';

const { ISSUER = '', CLIENT_ID = '', PRIVATE_KEY = 'gateway.pem', PORT = '3200' } = process.env;
const origin = `http://127.0.0.1:${PORT}`;
const key = await importPKCS8(readFileSync(PRIVATE_KEY, 'utf8'), 'EdDSA');
const execute = ISSUER.startsWith('http://127.0.0.1') ? [oidc.allowInsecureRequests] : [];
const portal = await oidc.discovery(new URL(ISSUER), CLIENT_ID, {}, oidc.PrivateKeyJwt(key), { execute });
const away = new Map<string, { user: User; verifier: string; nonce: string }>();
const refuse = (reply: FastifyReply, detail: string) => reply.code(401).send({ status: 'refused', detail });

const app = fastify();
app.post<{ Body: Record<string, string> }>('/login', async ({ body }, reply) => {
  const user = userBy(body.username ?? '', body.password ?? '');
  if (!user) return refuse(reply, 'The username or the password is wrong.');
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const challenge = { code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
  const wanted = { scope: 'openid', acr_values: 'urn:twinlock:acr:2fa', login_hint: `external:${user.id}` };
  const parameters = { redirect_uri: `${origin}/callback`, state, nonce, ...challenge, ...wanted };
  const signed = await oidc.buildAuthorizationUrlWithJAR(portal, parameters, key, {
    [oidc.modifyAssertion]: (_, claims) => void (claims.auth_time = Math.floor(Date.now() / 1_000)),
  });
  away.set(state, { user, verifier, nonce });
  setTimeout(() => away.delete(state), 15 * 60_000).unref();
  reply.header('set-cookie', `away=${state}; Path=/callback; HttpOnly; SameSite=Lax`);
  return reply.redirect((await oidc.buildAuthorizationUrlWithPAR(portal, signed.searchParams)).href);
});
app.get('/callback', async (request, reply) => {
  const { away: state = '' } = parseCookie(request.headers.cookie ?? '');
  const { user, verifier: pkceCodeVerifier, nonce: expectedNonce } = away.get(state) ?? {};
  if (!user || !pkceCodeVerifier || !expectedNonce || !away.delete(state)) return refuse(reply, 'Log in first.');
  const checks = { pkceCodeVerifier, expectedNonce, expectedState: state };
  const tokens = await oidc.authorizationCodeGrant(portal, new URL(request.url, origin), checks).catch(() => null);
  return tokens ? begin(request, reply, { user }) : refuse(reply, 'The second factor was not passed.');
});
app.get('/', async (request, reply) => sessionOf(request)?.user.username ?? refuse(reply, 'Log in first.'));
console.log(await app.listen({ port: Number(PORT), host: '127.0.0.1' }));
