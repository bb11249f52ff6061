import * as client from 'openid-client';
import { ofType } from '#test/support/events.js';
import { Application, type LoggedIn } from '#test/support/people/application.js';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { useIdentityProvider, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack, { rememberDays: 30 });
const provider = useIdentityProvider();
let application: Application;
beforeAll(async () => {
  application = await Application.open(portal, stack.origin);
});
afterAll(() => application?.close());

const [ONE, BOTH] = ['urn:twinlock:acr:1fa', 'urn:twinlock:acr:2fa'];
const browser = (of = application) => new HandBrowser(stack.origin, ({ origin }) => origin === of.origin);
/** A person who has gone to the application, and logged in where that was asked for. */
async function logIn(person: Person, parameters: Record<string, string> = {}, window = browser()): Promise<LoggedIn> {
  const { url, end } = await application.begin(parameters);
  const { url: answer } = await window.authorize(url, person);
  return end(answer);
}
const isActive = async ({ tokens }: LoggedIn): Promise<boolean> =>
  (await client.tokenIntrospection(application.config, tokens.access_token)).active;
const userinfo = ({ tokens, claims }: LoggedIn) =>
  client.fetchUserInfo(application.config, tokens.access_token, claims.sub);
const refresh = ({ tokens }: LoggedIn) => client.refreshTokenGrant(application.config, tokens.refresh_token!);
const errorOf = ({ url }: { url: URL }): string | null => url.searchParams.get('error');

/** What the person is asked, and confirms. */
async function confirmLogout(window: HandBrowser, { tokens }: LoggedIn) {
  const url = client.buildEndSessionUrl(application.config, {
    id_token_hint: tokens.id_token!,
    post_logout_redirect_uri: `${application.origin}/bye`,
    state: 'x',
  });
  const asked = await window.go(url);
  expect([asked.status, asked.text]).toEqual([200, expect.stringContaining('Log out?')]);
  const [, action, xsrf] = /action="([^"]+)".*name="xsrf" value="([^"]+)"/.exec(asked.text)!;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams({ xsrf: xsrf!, logout: 'yes' }).toString();
  return window.go(action!, { method: 'POST', headers, body });
}

describe('applications', () => {
  it('R35 are registered by the operator, seen by administrators without secrets, and removed', async () => {
    const own = await Portal.make(stack);
    const body = { name: 'An application', redirectUris: ['https://app.example/callback'] };
    const { clientId, clientSecret } = (await stack.operator.registerClient(own.id, body)).success();
    expect(clientSecret).toMatch(/^cls_/);
    const open = (await stack.operator.registerClient(own.id, { ...body, public: true })).success();
    expect(open).not.toHaveProperty('clientSecret');
    const { clients } = (await own.api.clients(own.id)).success();
    expect(clients).toMatchObject([
      { clientId, ...body, public: false, jwks: false, vouches: false },
      { public: true },
    ]);
    expect(JSON.stringify([clients, await own.allEvents()])).not.toContain(clientSecret);
    (await own.api.registerClient(own.id, body)).refused('forbidden');
    (await own.api.removeClient(own.id, clientId)).refused('forbidden');
    (await stack.operator.removeClient(own.id, clientId)).success();
    (await stack.operator.removeClient(own.id, clientId)).refused('not-found');
    const events = await own.events('ClientRemoved');
    expect(ofType(events, 'ClientRegistered').map(({ data }) => data.clientId)).toEqual([clientId, open.clientId]);
  });

  it.each([
    ['no name', { name: undefined }, 'name'],
    ['no redirect', { redirectUris: [] }, 'redirectUris'],
    ['http elsewhere', { redirectUris: ['http://app.example/callback'] }, 'redirectUris.0'],
    ['a fragment', { redirectUris: ['https://app.example/callback#x'] }, 'redirectUris.0'],
    ['a script', { redirectUris: ['javascript:alert(1)'] }, 'redirectUris.0'],
    ['a password in the URL', { redirectUris: ['https://u:p@app.example/'] }, 'redirectUris.0'],
    ['another way to write it', { redirectUris: ['https://APP.example/'] }, 'redirectUris.0'],
    [
      'keys of a public one',
      { public: true, jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }] } },
      'jwks',
    ],
    ['a private key', { jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43), d: 'x' }] } }, 'jwks.keys.0.d'],
    ['a weak key', { jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }] } }, 'jwks.keys.0'],
  ])('R35 R49 are not registered with %s', async (_, change, field) => {
    const body = { name: 'An application', redirectUris: ['https://app.example/callback'], ...change } as never;
    const { errors } = (await stack.operator.registerClient(portal.id, body)).refused('malformed-request');
    expect(errors?.map((each) => each.field)).toContain(field);
  });

  it('R16 R35 learn who logged in, how and when: by password and code', async () => {
    const person = await portal.enrolled();
    const before = Math.floor(stack.clock.now() / 1_000) - 1;
    const one = await logIn(person);
    expect(one.claims).toMatchObject({ sub: person.id, acr: BOTH, amr: ['pwd', 'otp', 'mfa'] });
    expect(one.claims.auth_time).toBeGreaterThanOrEqual(before);
    expect(await userinfo(one)).toMatchObject({ preferred_username: person.credentials.username });
    expect(await isActive(one)).toBe(true);
    expect(one.tokens.access_token).not.toContain('.');
    // never good for the product's own calls
    for (const token of [one.tokens.access_token, one.tokens.refresh_token!, one.tokens.id_token!])
      (await stack.api.as(token).me()).refused('unauthenticated');
  });

  it('R35 learn of one factor where there is one, or the browser is remembered; and get both when they ask', async () => {
    const plain = await logIn(await portal.register());
    expect(plain.claims).toMatchObject({ acr: ONE, amr: ['pwd'] });
    const person = await portal.enrolled();
    const window = browser();
    await window.logIn(person, { remember: true });
    await window.logOut();
    expect((await logIn(person, {}, window)).claims).toMatchObject({ acr: ONE, amr: ['pwd'] });
    const { url, end } = await application.begin({ acr_values: BOTH });
    const page = await window.go(url);
    expect(await window.asked(page)).toMatchObject({
      needs: { kind: 'proof', missing: expect.arrayContaining(['code']) },
    });
    expect(JSON.parse((await window.complete(page)).text)).toMatchObject({ code: 'unauthenticated' });
    await window.prove(person);
    expect((await end((await window.complete(page)).url)).claims).toMatchObject({ acr: BOTH });
  });

  it('R14 R35 learn of both factors where the session has just set up 2FA, and of one in the other sessions', async () => {
    const person = await portal.register();
    const [own, other] = [browser(), browser()];
    for (const window of [own, other])
      expect((await logIn(person, {}, window)).claims).toMatchObject({ acr: ONE, amr: ['pwd'] });
    await own.enrol(person);
    await until('it is known', async () => (await logIn(person, {}, own)).claims.acr === BOTH, 3_000);
    expect((await logIn(person, {}, own)).claims).toMatchObject({ acr: BOTH, amr: ['pwd', 'otp', 'mfa'] });
    expect((await logIn(person, {}, other)).claims).toMatchObject({ acr: ONE, amr: ['pwd'] });
  });

  it('R19 R35 are told that single sign-on is no proof of ours', async () => {
    const person = await portal.enrolled();
    await provider.serve(portal, person);
    const window = browser();
    await window.call('/console/api/v1/login/sso', { portal: portal.id, idToken: await provider.idToken(person) });
    const one = await logIn(person, {}, window);
    expect(one.claims).toMatchObject({ sub: person.id, acr: ONE });
  });

  it('R35 are not answered by the word of a provider where they ask for a login again: it may be of hours ago', async () => {
    const person = await portal.register();
    await provider.serve(portal, person);
    const window = browser();
    const { url, end } = await application.begin({ prompt: 'login' });
    const page = await window.go(url);
    await window.call('/console/api/v1/login/sso', { portal: portal.id, idToken: await provider.idToken(person) });
    expect(await window.asked(page)).toMatchObject({ needs: { kind: 'proof', missing: ['password'] } });
    expect((await window.complete(page)).status).toBe(401);
    const { password } = person.credentials;
    await window.call('/console/api/v1/me/re-authenticate', { password });
    expect((await end((await window.complete(page)).url)).claims).toMatchObject({ amr: ['pwd'] });
  });

  it('R35 log in again whom they ask to, by prompt and by max_age, and silently whom they know', async () => {
    const person = await portal.enrolled();
    const window = browser();
    const first = await logIn(person, {}, window);
    const again = await application.begin({ prompt: 'none' });
    expect((await again.end((await window.go(again.url)).url)).claims.sub).toBe(person.id);
    const stranger = await application.begin({ prompt: 'none' });
    expect(errorOf(await browser().go(stranger.url))).toBe('login_required');
    stack.clock.advance(120);
    for (const parameters of [{ prompt: 'login' }, { max_age: '0' }] as Record<string, string>[]) {
      const { url, end } = await application.begin(parameters);
      const page = await window.go(url);
      expect(await window.asked(page)).toMatchObject({ needs: { kind: 'login' } });
      expect((await window.complete(page)).text).toContain('unauthenticated');
      await window.logIn(person);
      const { claims } = await end((await window.complete(page)).url);
      expect(claims.auth_time).toBeGreaterThan(first.claims.auth_time as number);
      stack.clock.advance(120);
    }
  });

  it('R35 have refresh tokens that are used once: a second use ends all of them', async () => {
    const one = await logIn(await portal.register());
    const next = await refresh(one);
    expect(next.refresh_token).not.toBe(one.tokens.refresh_token);
    await expect(refresh(one)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(client.refreshTokenGrant(application.config, next.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  type End = (person: Person, window: HandBrowser) => Promise<unknown>;
  const ends: [string, End][] = [
    ['R23 a lock', (person) => person.lock()],
    ['R41 a suspension', async ({ id }) => (await portal.api.suspend(portal.id, id)).success()],
    ['R42 a deletion', async ({ id }) => (await portal.api.deleteAccount(portal.id, id)).success()],
    ['R44 an end of the sessions', async ({ id }) => (await portal.api.endSessionsOf(portal.id, id)).success()],
    ['a logout at the console', (_, window) => window.logOut()],
    [
      'a password change elsewhere',
      async (person) => {
        await person.signIn();
        const { password: current } = person.credentials;
        (await person.api.changePassword({ current, new: 'another password that is long' })).success();
      },
    ],
  ];
  it.each(ends)('R35 lose all tokens within a second by %s', async (_, end) => {
    const person = await portal.enrolled();
    const window = browser();
    const one = await logIn(person, {}, window);
    await end(person, window);
    await until('the token is not active', async () => !(await isActive(one)), 2_000);
    await expect(userinfo(one)).rejects.toThrow();
    await expect(refresh(one)).rejects.toMatchObject({ error: 'invalid_grant' });
    const silent = await application.begin({ prompt: 'none' });
    expect(errorOf(await window.go(silent.url))).toBe('login_required');
  });

  it('R25 R35 that lost their tokens do not have them back with the next login', async () => {
    const person = await portal.enrolled();
    const window = browser();
    const one = await logIn(person, {}, window);
    (await portal.api.endSessionsOf(portal.id, person.id)).success();
    await until('the token is not active', async () => !(await isActive(one)), 2_000);
    const next = await logIn(person, {}, window);
    expect([await isActive(one), await isActive(next)]).toEqual([false, true]);
    await expect(refresh(one)).rejects.toMatchObject({ error: 'invalid_grant' });
    await refresh(next);
  });

  it('R35 R37 lose them too when the session can only set up 2FA', async () => {
    const own = await Portal.make(stack);
    await own.admin.enrol();
    const other = await Application.open(own, stack.origin);
    try {
      const person = await own.enrolled();
      await own.set({ required: true, graceDays: 0 });
      await person.signIn();
      const window = browser(other);
      const { url, end } = await other.begin();
      const { tokens } = await end((await window.authorize(url, person)).url);
      const active = async () => (await client.tokenIntrospection(other.config, tokens.access_token)).active;
      expect(await active()).toBe(true);
      (await own.api.disableFor(own.id, person.id)).success();
      stack.clock.advance(25 * 3_600);
      await until('the token is not active', async () => !(await active()), 2_000);
    } finally {
      await other.close();
      // half a day is over
      await portal.admin.signIn();
    }
  });

  it('R35 that want a consent to be asked for get people without', async () => {
    const window = browser();
    await logIn(await portal.register(), { prompt: 'consent' }, window);
    const person = await portal.register();
    const { claims } = await logIn(person, { prompt: 'login consent', scope: 'openid offline_access' });
    expect(claims.sub).toBe(person.id);
  });

  it('R35 log out the person of the session that the browser has by now', async () => {
    const person = await portal.enrolled();
    const window = browser();
    const one = await logIn(person, {}, window);
    await window.logOut();
    await window.logIn(person);
    expect((await window.call('/console/api/v1/me')).status).toBe(200);
    await confirmLogout(window, one);
    expect((await window.call('/console/api/v1/me')).status).toBe(401);
  });

  it('R35 log out a person of the portal too, once that is confirmed', async () => {
    const person = await portal.enrolled();
    const window = browser();
    const one = await logIn(person, {}, window);
    const bye = await confirmLogout(window, one);
    expect(bye.url.href).toBe(`${application.origin}/bye?state=x`);
    await until('the token is not active', async () => !(await isActive(one)), 2_000);
    expect((await window.call('/console/api/v1/me')).status).toBe(401);
  });

  it('R37 R35 get nothing while 2FA is to be set up, and both factors once it is', async () => {
    const own = await Portal.make(stack);
    await own.admin.enrol();
    await own.set({ required: true, graceDays: 0 });
    const other = await Application.open(own, stack.origin);
    try {
      const person = await own.register();
      const window = browser(other);
      const { url, end } = await other.begin();
      const page = await window.go(url);
      await window.logIn(person);
      expect(await window.asked(page)).toMatchObject({ needs: { kind: 'enrolment' } });
      expect((await window.complete(page)).text).toContain('unauthenticated');
      await window.enrol(person);
      await until('nothing is missing', async () => (await window.asked(page)).needs === null, 3_000);
      expect((await end((await window.complete(page)).url)).claims).toMatchObject({ acr: BOTH });
    } finally {
      await other.close();
    }
  });

  it('R35 are told when a person does not want to', async () => {
    const window = browser();
    const page = await window.go((await application.begin()).url);
    expect(errorOf(await window.cancel(page))).toBe('access_denied');
  });

  it('R35 that are removed get no login and no token any more', async () => {
    const other = await Application.open(portal, stack.origin);
    const window = browser(other);
    const { url, end } = await other.begin();
    const answer = await window.authorize(url, await portal.register());
    await end(answer.url);
    (await stack.operator.removeClient(portal.id, other.clientId)).success();
    expect((await window.go((await other.begin()).url)).status).toBe(400);
    await other.close();
  });
});
