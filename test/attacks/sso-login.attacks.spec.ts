import { setTimeout as sleep } from 'node:timers/promises';
import { times } from '#test/support/calls/entrances.js';
import { newAddress } from '#test/support/calls/http.js';
import { ConsolePage, type PageAnswer } from '#test/support/calls/console.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { startStack } from '#test/support/process/stack.js';
import { type Claims, Forger } from './support/forger.js';

const stack = useStack();
const portal = usePortal(stack);
const secret = 'theSecretOfTheClient';
let idp: Forger;
let user: Person;
let page: ConsolePage;
let address: string;

const trust = (provider: Forger, more: object = {}, at = portal) =>
  at.api.changeSso(at.id, { ...provider.loginSettings, clientSecret: secret, ...more });
beforeEach(async () => {
  address = newAddress();
  // each test has one of its own: what a provider says of itself is remembered
  idp = await Forger.start(stack.clock);
  (await trust(idp)).success();
  user = await portal.register();
  (await portal.api.changeAccount(portal.id, user.id, { ssoSubject: user.id })).success();
  page = new ConsolePage(stack.origin);
});
afterEach(async () => {
  page.checkNothingWasSeen();
  page.close();
  await idp.stop();
});

/** A login that has begun in a browser, by its page; the address is where that is sent. */
async function begin(at = page, of = portal): Promise<string> {
  const { status, body } = await at.post('/v1/login/sso/start', { portal: of.id }, { address });
  expect([status, Object.keys(body).sort()]).toEqual([200, ['authorizationUrl', 'expiresAt']]);
  return String(body.authorizationUrl);
}
const complete = (answer: object, at = page, of = portal) =>
  at.post('/v1/login/sso/complete', { portal: of.id, ...answer }, { address });
/** The login goes with its cookie, unless it was not used up: then one that is under way goes on. */
const refused = ({ status, body, cookies }: PageAnswer) => {
  const isUsedUp = body.code === 'invalid-credentials';
  expect(cookies.map(({ name, value }) => [name, value])).toEqual(isUsedUp ? [['twinlock-sso', '']] : []);
  return [status, body.code];
};
const notAccepted = [401, 'invalid-credentials'];
const isOver = [401, 'challenge-ended'];
const away = [503, 'unavailable'];
const whoIsLoggedIn = async (at = page) => (await at.get('/v1/me')).body.id;

describe('a login by the provider', () => {
  it('that is under way is not ended by another site that leads the browser to an address of the console', async () => {
    const answer = idp.authorize(await begin(), user.id);
    for (const foreign of [{ state: 'planted' }, { portal: 'another' }, { ssoLogin: 'x', state: '' }, { code: '' }])
      expect((await complete({ ...answer, ...foreign })).cookies).toEqual([]);
    expect((await complete(answer)).status).toBe(200);
    expect(await whoIsLoggedIn()).toBe(user.id);
  });

  it('is begun by a cookie that no script, no other site and no longer path has, and ends in a session', async () => {
    const url = new URL(await begin());
    const [cookie] = [...page.jar.keys()];
    expect(cookie).toBe('twinlock-sso');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: idp.clientId,
      scope: 'openid',
      redirect_uri: `${stack.origin}/console/sso/callback/${portal.id}`,
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const answer = await complete(idp.authorize(url.href, user.id));
    expect([answer.status, answer.body]).toEqual([200, { status: 'complete', expiresAt: expect.any(String) }]);
    expect([...page.jar.keys()]).toEqual(['twinlock-session']);
    expect(await whoIsLoggedIn()).toBe(user.id);
    expect(idp.redeemed).toHaveLength(1);
    const [{ authorization, body } = {} as never] = idp.redeemed;
    expect(authorization).toBe(`Basic ${Buffer.from(`${idp.clientId}:${secret}`).toString('base64')}`);
    expect(body.get('redirect_uri')).toBe(url.searchParams.get('redirect_uri'));
  });

  it('of somebody else is not completed in a browser that began none, nor in one that began its own (login CSRF)', async () => {
    const attacker = new ConsolePage(stack.origin);
    const planted = idp.authorize(await begin(attacker), user.id);
    const { status, body } = await complete(planted);
    expect([status, body.code]).toEqual(isOver);
    await begin();
    expect(refused(await complete(planted))).toEqual(isOver);
    expect(await whoIsLoggedIn()).toBeUndefined();
    expect(idp.redeemed).toEqual([]);
    attacker.close();
  });

  it('is completed once, also by many at the same moment, and by no cookie that comes back', async () => {
    const answer = idp.authorize(await begin(), user.id);
    const ssoLogin = page.jar.get('twinlock-sso')!;
    const all = await times(12, () => stack.api.completeSsoLogin({ portal: portal.id, ssoLogin, ...answer }));
    expect(all.filter(({ code }) => code === null)).toHaveLength(1);
    expect(idp.redeemed).toHaveLength(1);
    const again = idp.authorize('http://x/?' + new URLSearchParams({ state: answer.state }).toString(), user.id);
    (await stack.api.completeSsoLogin({ portal: portal.id, ssoLogin, ...again })).refused('challenge-ended');
  });

  it('that fails is over too', async () => {
    const url = await begin();
    const ssoLogin = page.jar.get('twinlock-sso')!;
    (
      await stack.api.completeSsoLogin({ portal: portal.id, ssoLogin, ...idp.authorize(url, user.id), code: 'guessed' })
    ).refused('invalid-credentials');
    (await stack.api.completeSsoLogin({ portal: portal.id, ssoLogin, ...idp.authorize(url, user.id) })).refused(
      'challenge-ended',
    );
  });

  it('is over after 10 minutes', async () => {
    const answer = idp.authorize(await begin(), user.id);
    const ssoLogin = page.jar.get('twinlock-sso')!;
    stack.clock.advance(600);
    (await stack.api.completeSsoLogin({ portal: portal.id, ssoLogin, ...answer })).refused('challenge-ended');
  });

  it('is not completed by what was altered', async () => {
    const answer = idp.authorize(await begin(), user.id);
    const ssoLogin = page.jar.get('twinlock-sso')!;
    const bytes = Buffer.from(ssoLogin, 'base64url');
    for (const at of [0, 12, 40, bytes.length - 1]) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 1;
      (
        await stack.api.completeSsoLogin({ portal: portal.id, ssoLogin: altered.toString('base64url'), ...answer })
      ).refused('challenge-ended');
    }
    for (const other of ['', 'x', bytes.subarray(0, 20).toString('base64url')])
      (await stack.api.completeSsoLogin({ portal: portal.id, ssoLogin: other, ...answer })).refused('challenge-ended');
    for (const state of ['', answer.state.slice(1), `${answer.state}a`, answer.state.toUpperCase()])
      (await stack.api.completeSsoLogin({ portal: portal.id, ssoLogin, ...answer, state })).refused('challenge-ended');
  });

  it('gives the browser a session of its own: one that was there before is neither kept nor used (session fixation)', async () => {
    const other = await portal.register();
    await page.logIn(portal.id, other.credentials);
    const before = page.jar.get('twinlock-session')!;
    expect((await complete(idp.authorize(await begin(), user.id))).status).toBe(200);
    expect(page.jar.get('twinlock-session')).not.toBe(before);
    expect(await whoIsLoggedIn()).toBe(user.id);
    const left = await page.get('/v1/me', { headers: { cookie: `twinlock-session=${before}` } });
    expect([left.status, left.body.code]).toEqual([401, 'session-ended']);
  });

  it('says nothing about who has an account', async () => {
    const unknown = await complete(idp.authorize(await begin(), 'nobody-here'));
    expect(refused(unknown)).toEqual(notAccepted);
    const wrong = await complete(idp.authorize(await begin(), user.id, { exp: 1 }));
    expect(refused(wrong)).toEqual(notAccepted);
    const withoutDetail = ({ body: { requestId: _, detail: __, ...rest } }: PageAnswer) => rest;
    expect(withoutDetail(unknown)).toEqual(withoutDetail(wrong));
  });

  it('brings an ID token that logs in nobody again', async () => {
    (await trust(idp, { audience: idp.clientId })).success();
    expect((await complete(idp.authorize(await begin(), user.id))).status).toBe(200);
    (await stack.api.loginWithSso(portal.id, idp.issued[0]!)).refused('invalid-credentials');
  });
});

describe('logins from one address', () => {
  it('end at 300 a minute, and what is refused uses up nothing', async () => {
    const start = () => page.post('/v1/login/sso/start', { portal: portal.id }, { address });
    const answer = idp.authorize(await begin(), user.id);
    const ssoLogin = page.jar.get('twinlock-sso')!;
    const client = stack.api.from(address);
    const body = { portal: portal.id, ssoLogin, ...answer };
    await times(300, () => client.completeSsoLogin({ ...body, state: 'guessed' }));
    const tooMany = await complete(answer);
    expect([tooMany.status, tooMany.body.code, tooMany.cookies]).toEqual([429, 'too-many-attempts', []]);
    expect(Number(tooMany.headers['retry-after'])).toBeGreaterThan(0);
    expect(idp.redeemed).toEqual([]);
    for (let i = 1; i < 300; i += 1) expect((await start()).status).toBe(200);
    expect((await start()).status).toBe(429);
    // another address is not held up by it
    (await stack.api.from(newAddress()).completeSsoLogin(body)).success();
  });

  it('are redeemed 10 at a time for a portal, and what is refused uses up nothing', async () => {
    const waiting: (() => void)[] = [];
    const logins = await times(11, async () => {
      const { authorizationUrl, ssoLogin } = (await stack.api.from(newAddress()).startSsoLogin(portal.id)).success();
      return { portal: portal.id, ssoLogin, ...idp.authorize(authorizationUrl, user.id), code: 'made-up' };
    });
    idp.reply = (_, response) => void waiting.push(() => response.writeHead(500).end());
    const redeem = (body: (typeof logins)[number]) => stack.api.from(newAddress()).completeSsoLogin(body);
    const all = logins.slice(1).map(redeem);
    while (waiting.length < 10) await sleep(10);
    (await redeem(logins[0]!)).refused('unavailable');
    expect(waiting).toHaveLength(10);
    idp.reply = null;
    for (const end of waiting) end();
    for (const one of await Promise.all(all)) one.refused('unavailable');
    (await redeem(logins[0]!)).refused('invalid-credentials');
  });
});

describe('a code', () => {
  it('of somebody else, put into an own login, is refused by the provider (PKCE), which is sent the verifier of this login', async () => {
    const victim = new ConsolePage(stack.origin);
    const stolen = idp.authorize(await begin(victim), user.id);
    const own = idp.authorize(await begin(), 'mallory');
    expect(refused(await complete({ ...own, code: stolen.code }))).toEqual(notAccepted);
    victim.close();
  });

  it('of somebody else is refused here where the provider knows no PKCE (nonce)', async () => {
    idp.checksVerifier = false;
    const victim = new ConsolePage(stack.origin);
    const stolen = idp.authorize(await begin(victim), user.id);
    const own = idp.authorize(await begin(), 'mallory');
    expect(refused(await complete({ ...own, code: stolen.code }))).toEqual(notAccepted);
    expect(idp.redeemed).toHaveLength(1);
    victim.close();
  });

  it.each([
    ['of another provider', (of: Forger) => ({ iss: `${of.issuer}/other` })],
    ['of no provider, where this one says that it names itself', () => ({ iss: undefined })],
    ['of a provider whose name begins alike', (of: Forger) => ({ iss: `${of.issuer}.evil.example` })],
  ])('%s is sent nowhere (mix-up, RFC 9207)', async (_, changed) => {
    const answer = idp.authorize(await begin(), user.id);
    expect(refused(await complete({ ...answer, ...changed(idp) }))).toEqual(notAccepted);
    expect(idp.redeemed).toEqual([]);
  });

  it('is not redeemed at a provider that the portal has trusted since', async () => {
    const answer = idp.authorize(await begin(), user.id);
    const later = await Forger.start(stack.clock);
    (await trust(later)).success();
    expect(refused(await complete(answer))).toEqual(isOver);
    expect([idp.redeemed, later.redeemed]).toEqual([[], []]);
    await begin();
    (await portal.api.removeSso(portal.id)).success();
    expect(refused(await complete({ ...answer, code: 'x' }))).toEqual(isOver);
    await later.stop();
  });

  it('of an honest provider that does not name itself is not sent to the provider of another portal (mix-up, RFC 9700 §4.4.2)', async () => {
    idp.metadata = { authorization_response_iss_parameter_supported: undefined };
    const [evil, mallorys] = [await Portal.make(stack), await Forger.start(stack.clock)];
    mallorys.metadata = idp.metadata;
    (await trust(mallorys, {}, evil)).success();
    // her own login at the honest portal, for whose verifier the provider makes the code
    const mallory = new ConsolePage(stack.origin);
    const own = new URL(await begin(mallory));
    // the victim's at hers, whose provider sends the browser on to the honest one, with the state of that login
    const bounced = new URL(await begin(page, evil));
    own.searchParams.set('state', bounced.searchParams.get('state')!);
    const [honest, hers] = [own, bounced].map(({ searchParams }) => searchParams.get('redirect_uri')!);
    expect([honest, hers]).toEqual([portal, evil].map(({ id }) => `${stack.origin}/console/sso/callback/${id}`));
    const { iss: _, ...answer } = idp.authorize(own.href, user.id);
    const before = mallorys.asked.length;
    expect(refused(await complete(answer))).toEqual(isOver);
    expect([mallorys.asked.length, mallorys.redeemed, idp.redeemed]).toEqual([before, [], []]);
    // whose login was not used up by it: an answer to its own address completes it
    const { iss: __, ...right } = mallorys.authorize(bounced.href, 'somebody');
    expect(refused(await complete(right, page, evil))).toEqual(notAccepted);
    expect(mallorys.redeemed).toHaveLength(1);
    mallory.close();
    await mallorys.stop();
  });

  it('of a login at another portal logs in there, and nowhere else', async () => {
    const other = await Portal.make(stack);
    (await trust(idp, {}, other)).success();
    const twin = await other.register();
    (await other.api.changeAccount(other.id, twin.id, { ssoSubject: user.id })).success();
    const elsewhere = new ConsolePage(stack.origin);
    const answer = idp.authorize(await begin(elsewhere, other), user.id);
    await begin();
    expect(refused(await complete(answer))).toEqual(isOver);
    expect((await complete(answer, elsewhere, other)).status).toBe(200);
    expect(await whoIsLoggedIn(elsewhere)).toBe(twin.id);
    elsewhere.close();
  });
});

describe('an ID token that a code brings', () => {
  it.each<[string, Claims, Claims?]>([
    ['another nonce', { nonce: 'another' }],
    ['no nonce', { nonce: undefined }],
    ['a nonce that is a list', { nonce: ['x'] }],
    ['another audience', { aud: 'another-app' }],
    ['the audience of tokens that people bring themselves', { aud: 'twinlock-test' }],
    ['several audiences and no authorized party', { aud: ['another-app', 'twinlockLogin'] }],
    ['another authorized party', { aud: ['twinlockLogin', 'another-app'], azp: 'another-app' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['no subject', { sub: undefined }],
    ['an end in the past', { exp: 1 }],
    ['no time of issue', { iat: undefined }],
    ['no signature', {}, { alg: 'none' }],
    ['an unknown key', {}, { kid: 'k2' }],
    ['another kind', {}, { typ: 'at+jwt' }],
  ])('with %s logs in nobody', async (_, changed, header = {}) => {
    const { status, body } = await complete(idp.authorize(await begin(), user.id, changed, header));
    expect([status, body.code]).toEqual(notAccepted);
    expect(await whoIsLoggedIn()).toBeUndefined();
  });
});

describe('a provider', () => {
  const start = async () => {
    const { status, body, cookies } = await page.post('/v1/login/sso/start', { portal: portal.id }, { address });
    expect(cookies).toEqual([]);
    return [status, body.code];
  };

  it.each<[string, (of: Forger) => Claims]>([
    ['that says it is another one', (of) => ({ issuer: `${of.issuer}/` })],
    ['that sends browsers to a script', () => ({ authorization_endpoint: 'javascript:alert(1)' })],
    ['that sends browsers to a document of its own', () => ({ authorization_endpoint: 'data:text/html,x' })],
    ['that sends browsers nowhere', () => ({ authorization_endpoint: undefined })],
  ])('%s is not used', async (_, metadata) => {
    idp.metadata = metadata(idp);
    expect(await start()).toEqual(away);
  });

  it.each<[string, NonNullable<Forger['reply']>]>([
    ['elsewhere, by a redirect', (_, response) => response.writeHead(302, { location: '/jwks' }).end()],
    ['in another form', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('{}')],
    ['without an end', (_, response) => response.writeHead(200).end(`"${'x'.repeat(1_000_000)}"`)],
    ['by hanging up', (_, response) => response.destroy()],
    ['with no content', (_, response) => response.writeHead(204).end()],
  ])('that answers %s is not used', async (_, reply) => {
    idp.reply = reply;
    expect(await start()).toEqual(away);
  });

  it.each([
    ['in a private network', 'https://10.0.0.1/token'],
    ['by http', 'http://idp.example/token'],
    ['in the cloud that this machine is in', 'http://169.254.169.254/token'],
  ])('whose codes are redeemed %s is sent none', async (_, endpoint) => {
    idp.metadata = { token_endpoint: endpoint };
    expect(refused(await complete(idp.authorize(await begin(), user.id)))).toEqual(away);
  });

  it('is not followed elsewhere with the code and the secret', async () => {
    const target = await Forger.start(stack.clock);
    const url = await begin();
    idp.reply = (_, response) => response.writeHead(307, { location: `${target.issuer}/token` }).end();
    expect(refused(await complete(idp.authorize(url, user.id)))).toEqual(away);
    expect([target.asked, target.redeemed]).toEqual([[], []]);
    await target.stop();
  });

  it.each(['other client', 'other issuer'])(
    'that is new gets no secret that was given for another: %s',
    async (kind) => {
      const evil = await Forger.start(stack.clock);
      const to = kind === 'other issuer' ? evil.loginSettings : { ...idp.loginSettings, clientId: 'mine' };
      const changed = (await portal.api.changeSso(portal.id, to)).success();
      expect(changed.hasClientSecret).toBe(false);
      const at = kind === 'other issuer' ? evil : idp;
      await complete(at.authorize(await begin(), user.id));
      expect(at.redeemed.map(({ authorization, body }) => [authorization, body.get('client_secret')])).toEqual([
        [undefined, null],
      ]);
      await evil.stop();
    },
  );
});

describe('the address that a provider sends browsers back to', () => {
  it.each(['evil.example', '127.0.0.1.evil.example', '127.0.0.1@evil.example', 'localhost.evil.example'])(
    'is not where a request says that it is: %s',
    async (host) => {
      const answer = await stack.api.raw('POST', '/v1/login/sso/start', { portal: portal.id }, { host });
      expect([400, 503]).toContain(answer.status);
    },
  );
});

describe('outside of tests', () => {
  it('the provider may be on this machine as little as in its network', async () => {
    const production = await startStack({ env: { NODE_ENV: 'production', TEST_CLOCK_FILE: '' } });
    try {
      const own = await Portal.make(production);
      const jwksUri = 'https://idp.example/jwks';
      for (const issuer of [
        idp.issuer,
        'https://localhost',
        'https://10.0.0.1',
        'https://idp',
        'idp.example',
        'https://a@idp.example',
      ])
        (await own.api.changeSso(own.id, { issuer, audience: 'a', jwksUri, clientId: 'a' })).refused(
          'malformed-request',
        );
    } finally {
      await production.stop();
    }
  });
});
