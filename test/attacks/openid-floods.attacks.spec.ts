import { createHash, randomBytes } from 'node:crypto';
import { newAddress } from '#test/support/calls/http.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const redirectUri = 'https://app.example/callback';
const MOST = 300;

const register = async (options: object = {}) =>
  (
    await stack.operator.registerClient(portal.id, { name: 'An application', redirectUris: [redirectUri], ...options })
  ).success();
const parameters = (clientId: string) =>
  new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const at = (path: string) => `/p/${portal.id}${path}`;
/** One after the other in tens, until the first that is refused; how many went through. */
async function flood(send: () => Promise<{ status: number }>): Promise<number> {
  for (let sent = 0; sent < MOST + 50; sent += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    const refused = answers.findIndex(({ status }) => status === 429);
    if (refused !== -1) return sent + answers.filter(({ status }) => status !== 429).length;
  }
  throw new Error('nothing was refused');
}

describe('what anybody can have stored', () => {
  it('is so many logins that nobody completes from one address within a minute; a person is told by a page', async () => {
    const { clientId } = await register();
    const address = newAddress();
    const begin = (path = '/auth', accept = 'text/html', language = 'en') =>
      stack.api.from(address).raw('GET', `${at(path)}?${parameters(clientId)}`, undefined, {
        accept,
        'accept-language': language,
      });
    expect(await flood(() => begin())).toBe(MOST);
    const refused = await begin();
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
      text: expect.stringContaining('Wait a minute') as string,
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await begin('/auth', 'text/html', 'de')).text).toContain('Warten Sie eine Minute');
    expect(JSON.parse((await begin('/auth', 'application/json')).text)).toMatchObject({
      error: 'temporarily_unavailable',
    });
    // each endpoint by itself
    expect((await begin('/session/end')).status).toBe(200);
    // no other way to write it goes past the limit
    for (const path of ['/AUTH', '/auth/', '/Session/End', '/session/end/', '//auth', '/%61uth', '/auth;x'])
      expect([path, (await begin(path)).status]).toEqual([path, 404]);

    expect((await stack.api.raw('GET', `${at('/auth')}?${parameters(clientId)}`)).status).toBe(303);
    expect((await stack.api.from(address).raw('GET', at('/jwks'))).status).toBe(200);
    stack.clock.advance(61);
    expect((await begin()).status).toBe(303);
  });

  it('is so many requests that are pushed without a proof; clients that prove who they are push more', async () => {
    const open = await register({ public: true });
    const closed = await register();
    const push = (address: string, { clientId, clientSecret }: typeof closed, secret = clientSecret) => {
      const basic = Buffer.from(`${clientId}:${secret}`).toString('base64');
      const proof = secret !== undefined && { authorization: `Basic ${basic}` };
      return stack.api.from(address).raw('POST', at('/request'), parameters(clientId), { ...form, ...proof });
    };
    const [strangers, gateways, guessers] = [newAddress(), newAddress(), newAddress()];
    expect(await flood(() => push(strangers, open))).toBe(MOST);
    const refused = await push(strangers, open);
    expect(JSON.parse(refused.text)).toMatchObject({ error: 'temporarily_unavailable' });
    expect(refused.headers['retry-after']).toBeDefined();

    for (let count = 0; count < MOST + 20; count += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => push(gateways, closed)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    }
    expect(await flood(() => push(guessers, closed, 'a guess'))).toBe(MOST);
  });

  it('does not count by what a stranger says of the address', async () => {
    const { clientId } = await register();
    const address = newAddress();
    let count = 0;
    const begin = () =>
      stack.api.from(address).raw('GET', `${at('/auth')}?${parameters(clientId)}`, undefined, {
        'x-forwarded-for': `198.51.100.${(count += 1) % 250}`,
      });
    expect(await flood(begin)).toBe(MOST);
  });
});
