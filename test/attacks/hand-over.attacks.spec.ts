import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { HandingGateway } from '#test/support/people/handing-gateway.js';
import { Portal } from '#test/support/people/portal.js';
import { Vouched } from '#test/support/people/vouched.js';
import { found, foundInFiles, plainText } from '#test/support/secrets.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
let gateway: HandingGateway;
let other: HandingGateway;
/** May not vouch, but signs as the others do. */
let application: HandingGateway;
beforeAll(async () => {
  gateway = await HandingGateway.open(portal, stack.origin);
  other = await HandingGateway.open(portal, stack.origin, { alg: 'ES256' });
  application = await HandingGateway.open(portal, stack.origin, { vouches: false });
});
afterAll(() => Promise.all([gateway, other, application].map((one) => one?.close())));

const browser = () =>
  new HandBrowser(stack.origin, ({ origin }) => [gateway, other].some((one) => one.origin === origin));
const enrolled = () => Vouched.enrolled(gateway, stack.origin);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const errorOf = ({ body }: { body: { error?: string } }) => body.error;

/** A hand-over that the page has everything for: where the browser is sent back to. */
async function passed(person: Vouched): Promise<URL> {
  const page = await person.openTo(gateway, stack.origin, 'pass');
  await page.prove({ code: person.phone.freshCode() });
  return (await page.complete()).url;
}

describe('a request to hand over', () => {
  it('is taken as it should be', async () => {
    const { name } = await Vouched.register(portal);
    expect((await gateway.push(await gateway.signed(gateway.claims({ login_hint: name })))).status).toBe(201);
  });

  it.each<[string, Record<string, unknown>]>([
    ['of an old proof (`auth_time`)', { auth_time: -61 }],
    ['of a proof in the future', { auth_time: 60 }],
    ['of no proof', { auth_time: undefined }],
    ['that lasts for long', { exp: 120 }],
    ['that lasts for ever', { exp: undefined }],
    ['that is over', { exp: -30 }],
    ['with no id (`jti`)', { jti: undefined }],
    ['for another portal’s provider', { aud: 'https://elsewhere.example/p/acme' }],
    ['for several providers', { aud: ['https://elsewhere.example/p/acme', 'x'] }],
    ['of another issuer', { iss: 'somebody' }],
    ['of another client', { client_id: '00000000-0000-4000-8000-000000000000' }],
    ['of nobody', { login_hint: undefined }],
    ['of a name that is none', { login_hint: '../admin' }],
    ['for nothing', { acr_values: undefined }],
    ['for one factor', { acr_values: 'urn:twinlock:acr:1fa' }],
    ['for both things', { scope: 'openid second_factor' }],
    ['for more', { scope: 'openid profile' }],
    ['without OpenID Connect', { scope: 'second_factor', acr_values: undefined }],
    ['to no address', { redirect_uri: undefined }],
    ['to an address that is not registered', { redirect_uri: 'https://evil.example/' }],
    ['to one below a registered one', { redirect_uri: '/callback/more' }],
    ['to a registered one in other letters', { redirect_uri: '/CALLBACK' }],
    ['to a registered one with a query', { redirect_uri: '/callback?x=1' }],
    ['without PKCE (RFC 7636 §4.3)', { code_challenge: undefined, code_challenge_method: undefined }],
    ['with plain PKCE', { code_challenge_method: 'plain' }],
    ['for tokens in the address', { response_type: 'id_token' }],
    ['with the answer in a fragment', { response_mode: 'fragment' }],
    ['that must not be seen (`prompt=none`)', { prompt: 'none' }],
    ['that brings another (RFC 9101 §4)', { request_uri: 'urn:x' }],
  ])('%s is refused', async (_, changes) => {
    const person = await Vouched.register(portal);
    const timed = (name: 'auth_time' | 'exp') =>
      typeof changes[name] === 'number' ? { [name]: gateway.now + changes[name] } : {};
    const { redirect_uri: uri } = changes;
    const address = typeof uri === 'string' && uri.startsWith('/') ? { redirect_uri: gateway.origin + uri } : {};
    const claims = gateway.claims({
      ...{ login_hint: person.name, ...changes },
      ...{ ...timed('auth_time'), ...timed('exp'), ...address },
    });
    const answer = await gateway.push(await gateway.signed(claims));
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatch(
      /^(invalid_request|invalid_request_object|invalid_scope|unsupported_response_type)$/,
    );
  });

  it('that is not signed is refused: as parameters, with `alg` none, or with a secret', async () => {
    const { name } = await Vouched.register(portal);
    const claims = gateway.claims({ login_hint: name });
    const text = Object.fromEntries(Object.entries(claims).map(([key, value]) => [key, String(value)]));
    const none = `${part({ alg: 'none', typ: 'oauth-authz-req+jwt' })}.${part(claims)}.`;
    const head = `${part({ alg: 'HS256', typ: 'oauth-authz-req+jwt' })}.${part(claims)}`;
    const mac = createHmac('sha256', gateway.clientId).update(head).digest('base64url');
    for (const request of [text, none, `${head}.${mac}`]) {
      const answer = await gateway.push(request);
      expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringMatching(/^invalid_request/)]);
    }
  });

  it('that another’s key has signed is refused, also with the key beside it', async () => {
    const { name } = await Vouched.register(portal);
    const claims = gateway.claims({ login_hint: name });
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const jwk = publicKey.export({ format: 'jwk' }) as { kty: string };
    const strange = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'oauth-authz-req+jwt', jwk })
      .sign(privateKey);
    for (const request of [strange, await other.signed(claims)]) {
      expect(errorOf(await gateway.push(request))).toBe('invalid_request_object');
    }
    // pushed by who has signed it, for another client
    const asOther = await other.push(await other.signed(gateway.claims({ login_hint: name })));
    expect(errorOf(asOther)).toMatch(/^invalid_request/);
  });

  it('is no other thing that the client has signed (RFC 9101 §10.8)', async () => {
    const { name } = await Vouched.register(portal);
    for (const typ of ['JWT', undefined, 'at+jwt']) {
      const signed = await gateway.signed(gateway.claims({ login_hint: name }), { typ });
      expect(errorOf(await gateway.push(signed))).toBe('invalid_request_object');
    }
  });

  it('is taken once, also of two at the same moment', async () => {
    const { name } = await Vouched.register(portal);
    const request = await gateway.signed(gateway.claims({ login_hint: name }));
    const answers = await Promise.all([1, 2, 3, 4].map(() => gateway.push(request)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400]);
    // the same id with something else in it
    const { jti } = JSON.parse(Buffer.from(request.split('.')[1]!, 'base64url').toString()) as { jti: string };
    const again = gateway.claims({ login_hint: name, jti, nonce: 'another' });
    expect(errorOf(await gateway.push(await gateway.signed(again)))).toBe('invalid_request_object');
  });

  it('of a client that may not vouch is refused, signed or not', async () => {
    const { name } = await Vouched.register(portal);
    const signed = await application.signed(application.claims({ login_hint: name }));
    expect((await application.push(signed)).status).toBe(400);
  });

  it('by value is refused (RFC 9101 §5.1), and so is one that was not pushed', async () => {
    const { name } = await Vouched.register(portal);
    const claims = gateway.claims({ login_hint: name });
    const request = await gateway.signed(claims);
    const query = (parameters: object) =>
      new URLSearchParams({ client_id: gateway.clientId, ...parameters }).toString();
    const { code_challenge: challenge } = claims as { code_challenge: string };
    const plain = {
      response_type: 'code',
      redirect_uri: gateway.redirectUri,
      scope: 'openid',
      code_challenge: challenge,
    };
    const answers = [
      await browser().go(`${gateway.issuer}/auth?${query({ request })}`),
      await browser().go(`${gateway.issuer}/auth?${query({ ...plain, code_challenge_method: 'S256' })}`),
    ];
    for (const { url, text } of answers) {
      expect(url.pathname).not.toMatch(/^\/console/);
      expect(url.searchParams.get('error') ?? text).toMatch(/invalid_request/);
    }
  });

  it('is opened at no address but the one, also where the library would take another for it', async () => {
    const { name } = await Vouched.register(portal);
    const link = new URL(await gateway.handOver(name));
    for (const path of ['/AUTH', '/auth/', '/Auth/']) {
      const { status, url } = await browser().go(`${gateway.issuer}${path}${link.search}`);
      expect([path, status, url.pathname]).toEqual([path, 404, new URL(gateway.issuer).pathname + path]);
    }
  });

  it('that is posted is opened once, as any other', async () => {
    const { name } = await Vouched.register(portal);
    const body = new URL(await gateway.handOver(name)).searchParams.toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const post = () => browser().go(`${gateway.issuer}/auth`, { method: 'POST', headers, body });
    expect((await post()).url.pathname).toMatch(/^\/console\/hand-over\//);
    expect((await post()).status).toBe(400);
  });
});

describe('an account that is not handed over', () => {
  it('is one with a password, an administrator’s, another portal’s, a deleted one, none: all alike', async () => {
    const elsewhere = await Portal.make(stack);
    const [deleted, withPassword] = [await Vouched.register(portal), await portal.register()];
    (await portal.api.deleteAccount(portal.id, deleted.id)).success();
    const administrator = await Vouched.register(portal);
    (await portal.api.changeAccount(portal.id, administrator.id, { admin: true })).success();
    const theirs = await Vouched.register(elsewhere);
    const names = [withPassword.id, administrator.id, portal.admin.id, theirs.id, theirs.name, deleted.id, 'nobody'];
    const answers = await Promise.all(
      names.map(async (name) => {
        const { url } = await browser().go(await gateway.handOver(name));
        return Object.fromEntries(url.searchParams);
      }),
    );
    expect(answers[0]).toMatchObject({ error: 'invalid_request', state: 'a-state', iss: gateway.issuer });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('becomes one while the page is open: a password is set, or they are appointed', async () => {
    const person = await enrolled();
    const page = await person.openTo(gateway, stack.origin, 'manage');
    await page.prove({ code: person.phone.freshCode() });
    (await portal.api.changeAccount(portal.id, person.id, { admin: true })).success();
    expect((await page.call('/v1/me/two-factor')).status).toBe(401);
    expect(await page.asked()).toMatchObject({ ended: 'over' });
    expect((await page.complete()).url.searchParams.get('code')).toBeNull();
  });
});

describe('a link to hand over', () => {
  it('is opened by one browser, once: neither a second one nor the same again', async () => {
    const person = await Vouched.register(portal);
    const link = await gateway.handOver(person.name);
    const first = browser();
    const all = await Promise.all([first.go(link), browser().go(link), browser().go(link)]);
    expect(all.filter(({ url }) => url.pathname.startsWith('/console/hand-over/'))).toHaveLength(1);
    for (const { status } of all.filter(({ url }) => url.pathname.endsWith('/auth'))) expect(status).toBe(400);
    expect((await first.go(link)).status).toBe(400);
  });

  it('is not opened as another client’s', async () => {
    const person = await Vouched.register(portal);
    const link = (await gateway.handOver(person.name)).replace(gateway.clientId, other.clientId);
    expect((await browser().go(link)).status).toBe(400);
  });

  it('whose page another browser is sent to shows nothing and does nothing', async () => {
    const person = await enrolled();
    const window = browser();
    const gone = await window.go(await gateway.handOver(person.name));
    const [mine, theirs] = [window.handedOver(gone), browser().handedOver(gone)];
    expect(await theirs.asked()).toMatchObject({ code: 'not-found' });
    expect((await theirs.prove({ code: person.phone.freshCode() })).status).toBe(404);
    expect((await theirs.complete()).status).toBe(404);
    // nor with the cookie of another hand-over
    const stranger = browser();
    const own = await Vouched.register(portal);
    const ownPage = stranger.handedOver(await stranger.go(await gateway.handOver(own.name)));
    stranger.plant(mine.cookie, stranger.cookie(ownPage.cookie)!);
    expect((await stranger.handedOver(gone).complete()).status).toBe(404);
    expect(await mine.asked()).toMatchObject({ needs: 'code' });
  });

  it('looks at no session that the browser has, and two in one browser do not meet', async () => {
    const [one, two, third] = [await enrolled(), await Vouched.register(portal), await portal.enrolled()];
    const window = browser();
    await window.logIn(third);
    const first = window.handedOver(await window.go(await gateway.handOver(one.name)));
    const second = window.handedOver(await window.go(await gateway.handOver(two.name)));
    expect(await first.asked()).toMatchObject({ username: one.username, needs: 'code' });
    expect(await gateway.learn((await second.complete()).url)).toMatchObject({ sub: two.id });
    expect((await first.complete()).status).toBe(401);
    expect((await window.call('/console/api/v1/me')).body).toMatchObject({ id: third.id });
    const silent = new HandBrowser(stack.origin, () => false);
    silent.plant('twinlock-session', window.cookie(first.cookie)!);
    expect((await silent.call('/console/api/v1/me')).status).toBe(403);
  });
});

describe('the answer to a hand-over', () => {
  it('is redeemed once, by who handed over, with what they kept', async () => {
    const code = (await passed(await enrolled())).searchParams.get('code')!;
    expect(errorOf(await other.redeem(code, { redirect_uri: gateway.redirectUri }))).toBe('invalid_grant');
    expect(errorOf(await gateway.redeem(code, { code_verifier: 'x'.repeat(43) }))).toBe('invalid_grant');
    const second = (await passed(await enrolled())).searchParams.get('code')!;
    const all = await Promise.all([1, 2, 3, 4].map(() => gateway.redeem(second)));
    expect(all.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(errorOf(await gateway.redeem(second))).toBe('invalid_grant');
  });

  it('brings no refresh token, and an access token that is good for nothing', async () => {
    const { body } = await gateway.redeem((await passed(await enrolled())).searchParams.get('code')!);
    expect(body.refresh_token).toBeUndefined();
    (await stack.api.as(body.access_token!).me()).refused('unauthenticated');
    const userinfo = await fetch(`${gateway.issuer}/me`, { headers: { authorization: `Bearer ${body.access_token}` } });
    expect(userinfo.status).toBe(401);
  });

  it('is given once: to one of two tabs, and to nobody who goes back', async () => {
    const person = await enrolled();
    const page = await person.openTo(gateway, stack.origin, 'pass');
    await page.prove({ code: person.phone.freshCode() });
    const tabs = await Promise.all([page.complete(), page.complete()]);
    expect(tabs.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await page.complete()).status).toBe(404);
    expect((await page.cancel()).status).toBe(404);
    expect(await page.asked()).toMatchObject({ code: 'not-found' });
  });

  it('goes nowhere by the word of another site (CSRF)', async () => {
    const person = await Vouched.register(portal);
    const window = browser();
    const gone = await window.go(await gateway.handOver(person.name));
    const path = gone.url.pathname
      .replace('/console/hand-over/', `/p/`)
      .replace(`/p/${portal.id}/`, `/p/${portal.id}/hand-over/`);
    const foreign: Record<string, string>[] = [
      { 'content-type': 'text/plain' },
      { 'x-twinlock-console': '1', origin: 'https://evil.example' },
      { 'x-twinlock-console': '1', 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign)
      expect([403, 415]).toContain(
        (await window.go(`${path}/complete`, { method: 'POST', headers, body: '{}' })).status,
      );
    expect(await window.handedOver(gone).asked()).toMatchObject({ needs: null });
  });

  it('is an error when the account was locked in between, at another entrance', async () => {
    const person = await enrolled();
    const page = await person.openTo(gateway, stack.origin, 'pass');
    await page.prove({ code: person.phone.freshCode() });
    await person.lock(gateway, stack.origin);
    const { url } = await page.complete();
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ error: 'access_denied', reason: 'account-locked' });
  });

  it('lets nobody guess more than elsewhere: wrong codes count wherever they are entered (R22)', async () => {
    const person = await enrolled();
    const pages = await Promise.all([1, 2].map(() => person.openTo(gateway, stack.origin, 'pass')));
    const answers: unknown[] = [];
    for (let turn = 0; turn < 5; turn += 1)
      answers.push((await pages[turn % 2]!.prove({ code: person.phone.wrongCode() })).body.code);
    expect(answers).toEqual(['wrong-code', 'wrong-code', 'wrong-code', 'wrong-code', 'account-locked']);
  });
});

it('what hands over stands nowhere in plain text', async () => {
  const person = await enrolled();
  const window = browser();
  const link = await gateway.handOver(person.name);
  const page = window.handedOver(await window.go(link));
  const secrets = [new URL(link).searchParams.get('request_uri')!.split(':').at(-1)!, window.cookie(page.cookie)!];
  await page.prove({ code: person.phone.freshCode() });
  secrets.push((await page.complete()).url.searchParams.get('code')!);
  const planted = secrets.flatMap((secret) => plainText('a secret of a hand-over', secret));
  expect(foundInFiles(planted, await stack.stored())).toEqual([]);
  expect(found(planted, stack.output())).toEqual([]);
});
