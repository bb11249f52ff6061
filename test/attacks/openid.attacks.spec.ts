import * as client from 'openid-client';
import { Application } from '#test/support/people/application.js';
import { ByHand, type Changes } from '#test/support/people/by-hand.js';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { found, foundInFiles, plainText } from '#test/support/secrets.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
let application: Application;
let other: Application;
beforeAll(async () => {
  application = await Application.open(portal, stack.origin);
  other = await Application.open(portal, stack.origin);
});
afterAll(() => Promise.all([application?.close(), other?.close()]));

const browser = () =>
  new HandBrowser(stack.origin, ({ origin }) => [application, other].some((one) => one.origin === origin));
const errorOf = (url: URL): string | null => url.searchParams.get('error');
const byHand = (of = application) => new ByHand(stack, of);
const request = (of: Application, changes: Changes = {}) => byHand(of).request(changes);
const redeem = (of: Application, code: string, verifier: string, changes: Changes = {}) =>
  byHand(of).redeem(code, verifier, changes);
const codeFor = (person: Person) => byHand().codeFor(person);

describe('a request of an application', () => {
  it.each([
    ['to another address', { redirect_uri: 'https://evil.example/callback' }],
    ['to an address below the registered one', { redirect_uri: undefined, add: '/more' }],
    ['to a registered one with a query', { redirect_uri: undefined, add: '?x=1' }],
    ['to another port of the same machine', { redirect_uri: 'http://127.0.0.1:4444/callback' }],
    ['of an unknown client', { client_id: '00000000-0000-0000-0000-000000000000' }],
    ['of no client', { client_id: undefined }],
    ['of a client with a path in its id', { client_id: '../../admin' }],
  ])(
    '%s is told to the person, and sent nowhere (RFC 6749 §4.1.2.1)',
    async (_, { add, ...changes }: Record<string, string | undefined>) => {
      const uri = add === undefined ? changes.redirect_uri : application.redirectUri + add;
      const { url } = request(application, { ...changes, ...('redirect_uri' in changes && { redirect_uri: uri }) });
      const page = await browser().go(url);
      expect(page.status).toBe(400);
      expect(new URL(page.url).pathname).toBe(`/p/${portal.id}/auth`);
      expect(page.text).not.toMatch(/at .*\.js|node_modules/);
    },
  );

  it.each([
    ['without PKCE (RFC 7636 §4.4.1)', { code_challenge: undefined, code_challenge_method: undefined }],
    ['with plain PKCE', { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }],
    ['for a token in the address', { response_type: 'token' }],
    ['for an ID token in the address', { response_type: 'id_token', nonce: 'n' }],
    ['with a request object that is not signed', { request: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['with an address to fetch', { request_uri: 'https://evil.example/request' }],
  ])('%s is refused', async (_, changes: Record<string, string | undefined>) => {
    const window = browser();
    const gone = await window.go(request(application, changes).url);
    const error = errorOf(gone.url) ?? new URLSearchParams(gone.url.hash.slice(1)).get('error') ?? gone.text;
    expect(error).toMatch(
      /invalid_request|unsupported_response_type|unauthorized_client|request_not_supported|request_uri_not_supported/,
    );
    expect(gone.url.searchParams.get('code')).toBeNull();
  });

  it('is answered with the issuer, so that two providers cannot be mixed up (RFC 9207)', async () => {
    const answer = await browser().authorize(request(application).url, await portal.register());
    expect(answer.url.searchParams.get('iss')).toBe(`${stack.origin}/p/${portal.id}`);
    expect(answer.url.searchParams.get('state')).toBe('a-state');
  });

  it('may be pushed by any application (RFC 9126), and only by one that hands over as a signed object', async () => {
    const { config } = application;
    const { verifier, url } = request(application);
    const pushed = await client.buildAuthorizationUrlWithPAR(config, new URL(url).searchParams);
    const answer = await browser().authorize(pushed, await portal.register());
    expect((await redeem(application, answer.url.searchParams.get('code')!, verifier)).status).toBe(200);
    expect(config.serverMetadata().request_parameter_supported).toBe(false);
  });

  it('of another portal is none here', async () => {
    const elsewhere = await Portal.make(stack);
    const page = await browser().go(request(application).url.replace(portal.id, elsewhere.id));
    expect([page.status, page.text]).toEqual([400, expect.stringContaining('invalid_client')]);
  });
});

describe('the address of a provider', () => {
  it.each(['/p/nobody/auth', '/p/DEMO/auth', '/p//auth', '/p/', '/p/%2e%2e/auth', '/p/a%00b/auth'])(
    '%s is none',
    async (path) => {
      expect([400, 404]).toContain((await stack.api.raw('GET', path)).status);
    },
  );

  it('has one way to be written', async () => {
    const first = portal.id.charCodeAt(0).toString(16);
    const path = `/p/%${first}${portal.id.slice(1)}/.well-known/openid-configuration`;
    expect((await stack.api.raw('GET', path)).status).toBe(404);
  });

  it('is not what a request says of its host', async () => {
    const path = `/p/${portal.id}/.well-known/openid-configuration`;
    const told = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example' };
    const { text } = await stack.api.with(told).raw('GET', path);
    expect(text).not.toContain('evil.example');
    const { status } = await stack.api.with({ host: 'evil.example' }).raw('GET', path);
    expect(status).toBe(503);
  });
});

describe('a code', () => {
  it('is good once; a second time ends what the first one got (RFC 6749 §4.1.2)', async () => {
    const { code, verifier } = await codeFor(await portal.register());
    const first = await redeem(application, code, verifier);
    expect(first.status).toBe(200);
    expect((await redeem(application, code, verifier)).body.error).toBe('invalid_grant');
    expect(await client.tokenIntrospection(application.config, first.body.access_token!)).toMatchObject({
      active: false,
    });
  });

  it('is redeemed by one of many at once', async () => {
    const { code, verifier } = await codeFor(await portal.register());
    const all = await Promise.all(Array.from({ length: 8 }, () => redeem(application, code, verifier)));
    expect(all.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(all.filter(({ body }) => body.error === 'invalid_grant').length).toBeGreaterThanOrEqual(7);
  });

  it.each([
    ['with another verifier', { code_verifier: 'x'.repeat(43) }],
    ['with no verifier', { code_verifier: '' }],
    ['for another address', { redirect_uri: 'http://127.0.0.1:1/callback' }],
  ])('%s is refused', async (_, changes: Record<string, string>) => {
    const { code, verifier } = await codeFor(await portal.register());
    expect((await redeem(application, code, verifier, changes)).body.error).toMatch(/invalid_(grant|request)/);
  });

  it('of another application is refused', async () => {
    const { code, verifier } = await codeFor(await portal.register());
    const stolen = await redeem(other, code, verifier, { redirect_uri: application.redirectUri });
    expect(stolen.body.error).toBe('invalid_grant');
  });

  it('is not redeemed without the secret, or with another', async () => {
    const { code, verifier } = await codeFor(await portal.register());
    for (const secret of ['', 'guess', other.clientSecret!, 'its hash is kept by admin-policy']) {
      const wrong = Object.assign(Object.create(application) as Application, { clientSecret: secret });
      const answer = await redeem(wrong, code, verifier);
      expect(answer.body.error).toMatch(/invalid_(client|request)/);
    }
    expect((await redeem(application, code, verifier)).status).toBe(200);
  });
});

describe('a login that somebody else has begun', () => {
  it('is not completed by who follows a link to it: no one is logged in for an attacker', async () => {
    const victim = await portal.enrolled();
    const [attackers, victims] = [browser(), browser()];
    await victims.logIn(victim);
    const page = await attackers.go(request(application).url);
    const path = attackers.interactionOf(page.url);
    expect((await victims.call(`${path}/details`)).status).toBe(404);
    expect((await victims.call(`${path}/complete`, {})).status).toBe(404);
    expect(await attackers.asked(page)).toMatchObject({ needs: { kind: 'login' } });
    expect((await attackers.complete(page)).status).toBe(401);
  });

  it('is not completed by another site (CSRF), nor by a session of another portal', async () => {
    const person = await portal.enrolled();
    const window = browser();
    await window.logIn(person);
    const page = await window.go(request(application).url);
    const path = window.interactionOf(page.url);
    const cookies = ['twinlock-interaction', 'twinlock-interaction.sig', 'twinlock-session'];
    const cookie = cookies.map((name) => `${name}=${window.cookie(name)}`).join('; ');
    const tries: Record<string, string>[] = [
      { cookie },
      { cookie, 'x-twinlock-console': '1', origin: 'https://evil.example' },
      { cookie, 'x-twinlock-console': '1', 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of tries) {
      const response = await fetch(`${stack.origin}${path}/complete`, { method: 'POST', headers });
      expect(response.status).toBe(403);
    }
    const elsewhere = await Portal.make(stack);
    const stranger = browser();
    await stranger.logIn(await elsewhere.register());
    const asked = await stranger.go(request(application).url);
    expect(await stranger.asked(asked)).toMatchObject({ needs: { kind: 'login' } });
  });

  it('is bound to its browser by a signature: its id alone, which stands in the address, is not enough', async () => {
    const window = browser();
    const page = await window.go(request(application).url);
    const uid = page.url.pathname.split('/').at(-1)!;
    const response = await fetch(`${stack.origin}${window.interactionOf(page.url)}/details`, {
      headers: { cookie: `twinlock-interaction=${uid}`, 'x-twinlock-console': '1' },
    });
    expect(response.status).toBe(404);
  });

  it('is completed for nobody but the browser that is logged in, also where its cookies were planted', async () => {
    const victim = await portal.enrolled();
    const [attackers, victims] = [browser(), browser()];
    await victims.logIn(victim);
    const page = await attackers.go(request(application).url);
    const path = attackers.interactionOf(page.url);
    for (const name of ['twinlock-interaction', 'twinlock-interaction.sig'])
      victims.plant(name, attackers.cookie(name)!, path);
    const { body } = await victims.call<{ location: string }>(`${path}/complete`, {});
    const answer = await attackers.go(body.location);
    expect(answer.url.searchParams.get('code')).toBeNull();
    const silent = await attackers.go(request(application, { prompt: 'none' }).url);
    expect(errorOf(silent.url)).toBe('login_required');
  });

  it('is over once it is answered: going back completes nothing again', async () => {
    const person = await portal.register();
    const window = browser();
    const page = await window.go(request(application).url);
    await window.logIn(person);
    expect((await window.complete(page)).url.searchParams.get('code')).not.toBeNull();
    expect((await window.complete(page)).status).toBe(404);
  });

  it('says nothing of whether an account exists', async () => {
    const person = await portal.register();
    for (const login_hint of [person.credentials.username, 'nobody-of-that-name']) {
      const window = browser();
      const page = await window.go(request(application, { login_hint }).url);
      expect(await window.asked(page)).toMatchObject({ loginHint: login_hint, needs: { kind: 'login' } });
    }
  });
});

describe('a logout', () => {
  it('without what its page was given ends nothing (CSRF)', async () => {
    const person = await portal.register();
    const window = browser();
    await window.authorize(request(application).url, person);
    await window.go(`/p/${portal.id}/session/end`);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const body of ['logout=yes', 'logout=yes&xsrf=guess'])
      await window.go(`/p/${portal.id}/session/end/confirm`, { method: 'POST', headers, body });
    expect((await window.call('/console/api/v1/me')).status).toBe(200);
  });
});

describe('a token', () => {
  it('has no scope but those that there are', async () => {
    const { verifier, url } = request(application, { scope: 'openid admin payments:write profile' });
    const answer = await browser().authorize(url, await portal.register());
    const { body } = await redeem(application, answer.url.searchParams.get('code')!, verifier);
    const { scope } = await client.tokenIntrospection(application.config, body.access_token!);
    expect(scope?.split(' ').sort()).toEqual(['openid', 'profile']);
  });

  it('of an application that is removed is not active', async () => {
    const gone = await Application.open(portal, stack.origin);
    const { verifier, url } = request(gone);
    const window = new HandBrowser(stack.origin, ({ origin }) => origin === gone.origin);
    const answer = await window.authorize(url, await portal.register());
    const { body } = await redeem(gone, answer.url.searchParams.get('code')!, verifier);
    (await stack.operator.removeClient(portal.id, gone.clientId)).success();
    await until(
      'it is not active',
      async () => !(await client.tokenIntrospection(application.config, body.access_token!)).active,
      3_000,
    );
    await gone.close();
  });

  it('that is refreshed twice at the same moment ends the login for both', async () => {
    const { code, verifier } = await codeFor(await portal.register());
    const { body } = await redeem(application, code, verifier);
    const refresh = (token: string) => client.refreshTokenGrant(application.config, token);
    const all = await Promise.allSettled([refresh(body.refresh_token!), refresh(body.refresh_token!)]);
    expect(all.some(({ status }) => status === 'rejected')).toBe(true);
    for (const each of all) {
      if (each.status === 'fulfilled')
        await expect(refresh(each.value.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
    }
  });

  it('is introspected by applications of the portal that can keep a secret, and by nobody else', async () => {
    const { code, verifier } = await codeFor(await portal.register());
    const { body } = await redeem(application, code, verifier);
    expect(await client.tokenIntrospection(other.config, body.access_token!)).toMatchObject({ active: true });
    const open = await Application.open(portal, stack.origin, { public: true });
    expect(await client.tokenIntrospection(open.config, body.access_token!)).toEqual({ active: false });
    const elsewhere = await Application.open(await Portal.make(stack), stack.origin);
    expect(await client.tokenIntrospection(elsewhere.config, body.access_token!)).toEqual({ active: false });
    await Promise.all([open.close(), elsewhere.close()]);
  });

  it('and codes, secrets and cookies stand nowhere in plain text', async () => {
    const window = browser();
    const { verifier, url } = request(application);
    const answer = await window.authorize(url, await portal.register());
    const code = answer.url.searchParams.get('code')!;
    const { body } = await redeem(application, code, verifier);
    const tokens = [code, body.access_token!, application.clientSecret!, window.cookie('twinlock-op-session')!];
    const secrets = tokens.flatMap((token) => plainText('a token', token));
    expect(foundInFiles(secrets, await stack.stored())).toEqual([]);
    expect(found(secrets, stack.output())).toEqual([]);
  });
});
