import { pino } from 'pino';
import { ConsolePage } from '#test/support/calls/console.js';
import { newAddress } from '#test/support/calls/http.js';
import { Portal } from '#test/support/people/portal.js';
import { type Stack, startStack } from '#test/support/process/stack.js';
import type { Front } from '#libs/platform/src/http/front.js';
import { openGateway } from '../gateway.js';
import { readGatewaySettings } from '../settings.js';

let stack: Stack;
let gateway: Front;
let portal: Portal;
beforeAll(async () => {
  stack = await startStack({ env: { TRUST_PROXY: '127.0.0.1' } });
  const [IDENTITY_URL, TWO_FACTOR_URL, ADMIN_POLICY_URL, AUDIT_URL, OPENID_URL] = Array<string>(5).fill(stack.origin);
  const env = { IDENTITY_URL, TWO_FACTOR_URL, ADMIN_POLICY_URL, AUDIT_URL, OPENID_URL, PORT: '0' };
  gateway = await openGateway(readGatewaySettings(env), pino({ level: 'silent' }));
  portal = await Portal.make(stack, { maxFailedAttempts: 3 });
}, 60_000);
afterAll(async () => {
  await gateway?.close(0);
  await stack?.stop();
});

let page: ConsolePage;
afterEach(() => {
  page.checkNothingWasSeen();
  page.close();
});

describe.each(['one process', 'a gateway before the apps'])('the console of %s', (kind) => {
  beforeEach(() => {
    page = new ConsolePage(kind === 'one process' ? stack.origin : gateway.url);
  });

  it('logs in by password and code, with no token or challenge in an answer', async () => {
    const person = await portal.enrolled();
    const first = await page.logIn(portal.id, person.credentials);
    expect([first.status, first.body]).toEqual([200, { status: 'code-required', expiresAt: expect.any(String) }]);
    expect(first.cookies).toEqual([
      {
        name: 'twinlock-challenge',
        value: expect.stringMatching(/./),
        path: '/',
        maxAge: 300,
        httpOnly: true,
        sameSite: 'strict',
      },
    ]);
    expect((await page.get('/v1/me')).status).toBe(401);

    const wrong = await page.post('/v1/login/code', { code: person.phone.wrongCode() });
    expect([wrong.status, wrong.body.code, wrong.body.attemptsLeft]).toEqual([401, 'wrong-code', 2]);
    expect(wrong.cookies).toEqual([]);

    const second = await page.post('/v1/login/code', { code: person.phone.freshCode() });
    expect([second.status, second.body]).toEqual([200, { status: 'complete', expiresAt: expect.any(String) }]);
    expect([...page.jar.keys()]).toEqual(['twinlock-session']);
    expect(second.cookies.find(({ name }) => name === 'twinlock-session')).toEqual({
      name: 'twinlock-session',
      value: expect.stringMatching(/^ses_/),
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
    });
    const me = await page.get('/v1/me');
    expect([me.status, me.body.username]).toEqual([200, person.credentials.username]);
    expect(me.headers['cache-control']).toBe('no-store');
  });

  it('ends the session and its cookie at logout', async () => {
    const person = await portal.register();
    expect((await page.logIn(portal.id, person.credentials)).body).toMatchObject({ status: 'complete' });
    const kept = page.cookieHeader();
    expect((await page.post('/v1/logout')).status).toBe(204);
    expect([...page.jar]).toEqual([]);
    const late = await page.get('/v1/me', { headers: kept });
    expect([late.status, late.body.code]).toEqual([401, 'session-ended']);
  });

  it('ends the session that the browser had when somebody logs in there', async () => {
    const [first, second] = [await portal.register(), await portal.enrolled()];
    await page.logIn(portal.id, first.credentials);
    const kept = page.cookieHeader();
    expect((await page.logIn(portal.id, { ...second.credentials, password: 'not the password' })).status).toBe(401);
    await page.logIn(portal.id, second.credentials);
    expect((await page.get('/v1/me')).body.id).toBe(first.id);

    await page.post('/v1/login/code', { code: second.phone.freshCode() });
    expect((await page.get('/v1/me')).body.id).toBe(second.id);
    const left = await page.get('/v1/me', { headers: kept });
    expect([left.status, left.body.code]).toEqual([401, 'session-ended']);
    // what it left a cookie of is over already
    page.jar.set('twinlock-session', kept.cookie!.split('=')[1]!);
    expect((await page.logIn(portal.id, first.credentials)).status).toBe(200);
  });

  it('drops the cookie of a session that has ended, and only then', async () => {
    const person = await portal.enrolled();
    await page.logIn(portal.id, person.credentials);
    await page.post('/v1/login/code', { code: person.phone.freshCode() });
    const wrong = await page.post('/v1/me/re-authenticate', { password: 'not the password', code: '000000' });
    expect([wrong.body.code, page.jar.size]).toEqual(['invalid-credentials', 1]);
    await person.lock();
    let ended = await page.get('/v1/me');
    // everywhere within a second of a lock (R28)
    for (let i = 0; i < 100 && ended.status === 200; i += 1) ended = await page.get('/v1/me');
    expect([ended.status, ended.body.code]).toEqual([401, 'session-ended']);
    expect(page.jar.size).toBe(0);
  });

  it('ends the challenge when the account is locked', async () => {
    const person = await portal.enrolled();
    await page.logIn(portal.id, person.credentials);
    for (let left = 2; left > 0; left -= 1) await page.post('/v1/login/code', { code: person.phone.wrongCode() });
    expect(page.jar.has('twinlock-challenge')).toBe(true);
    const locked = await page.post('/v1/login/code', { code: person.phone.wrongCode() });
    expect([locked.status, page.jar.size]).toEqual([423, 0]);
  });

  it('asks for the password again where a code comes without a challenge', async () => {
    const answer = await page.post('/v1/login/code', { code: '123456' });
    expect([answer.status, answer.body.code]).toEqual([401, 'challenge-ended']);
  });

  it('takes a login by token', async () => {
    const person = await portal.register();
    const token = await portal.loginToken(person);
    const answer = await page.post('/v1/login/token', { portal: portal.id, token });
    expect(answer.body).toEqual({ status: 'complete', expiresAt: expect.any(String) });
    expect((await page.get('/v1/me')).body.id).toBe(person.id);
  });

  it('sets up, confirms and administers as the contracts say', async () => {
    await page.logIn(portal.id, portal.admin.credentials);
    const person = await portal.register();
    const accounts = await page.get(`/v1/portals/${portal.id}/accounts?limit=1&query=${person.credentials.username}`);
    expect(accounts.body).toMatchObject({ accounts: [{ id: person.id }], next: null });
    const settings = await page.put(`/v1/portals/${portal.id}/settings/two-factor`, { maxFailedAttempts: 0 });
    expect([settings.status, settings.body]).toMatchObject([400, { errors: [{ field: 'maxFailedAttempts' }] }]);

    await page.logIn(portal.id, person.credentials);
    const setup = await page.post('/v1/me/two-factor/setup');
    expect(setup.status).toBe(201);
    const confirmed = await page.post('/v1/me/two-factor/confirm', {
      code: person.scan(String(setup.body.otpauthUri)).freshCode(),
    });
    expect(confirmed.body).toMatchObject({ status: 'enabled', backupCodes: { length: 10 } });
  });

  it("is the caller's address away from what one address may try", async () => {
    const [first, second] = [newAddress(), newAddress()];
    const person = await portal.register();
    const wrong = { username: person.credentials.username, password: 'not the password' };
    for (let i = 0; i < 5; i += 1) await page.logIn(portal.id, wrong, { address: first });
    const refused = await page.logIn(portal.id, wrong, { address: first });
    expect([refused.status, Number(refused.headers['retry-after']) > 0]).toEqual([429, true]);
    // what the page claims is no address
    const claim = { 'x-forwarded-for': second };
    expect((await page.logIn(portal.id, wrong, { address: first, headers: claim })).status).toBe(429);
    expect((await page.logIn(portal.id, person.credentials, { address: second })).status).toBe(200);
  });

  it('streams and exports events by the cookie alone', async () => {
    await page.logIn(portal.id, portal.admin.credentials);
    const cookies = page.cookieHeader();
    const path = `${page.origin}/console/api/v1/portals/${portal.id}/events`;
    const stream = await fetch(`${path}/stream`, { headers: cookies });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(stream.headers.get('content-security-policy')).toContain("default-src 'none'");
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    await portal.register();
    let streamed = '';
    while (!streamed.includes('identity.account-registered.v2')) streamed += (await reader.read()).value ?? '';
    await reader.cancel();

    const exported = await page.get(`/v1/portals/${portal.id}/events/export?format=csv`);
    expect([exported.status, exported.headers['content-disposition']]).toEqual([
      200,
      `attachment; filename="events-${portal.id}.csv"`,
    ]);
    expect(exported.text).toContain('admin-policy.settings-changed.v1');
    const anonymous = await fetch(`${path}/stream`);
    expect([anonymous.status, await anonymous.json()]).toMatchObject([401, { code: 'unauthenticated' }]);
  });

  it("knows the operator by a cookie of their own, for the operator's screens alone", async () => {
    expect((await page.get('/v1/portals')).status).toBe(401);
    const wrong = await page.post('/operator', { token: 'x'.repeat(40) });
    expect([wrong.status, wrong.body.code]).toEqual([401, 'unauthenticated']);
    const short = await page.post('/operator', { token: 'short' });
    expect([short.status, short.body]).toMatchObject([400, { errors: [{ field: 'token' }] }]);
    expect(short.text).not.toContain('short');
    const answer = await page.post('/operator', { token: stack.operatorToken });
    expect(answer.status).toBe(204);
    expect(answer.cookies).toMatchObject([
      { name: 'twinlock-operator', httpOnly: true, sameSite: 'strict', maxAge: 3600 },
    ]);
    expect((await page.get('/v1/portals')).body).toMatchObject({ portals: [{ id: expect.any(String) }] });
    expect((await page.put(`/v1/portals/${portal.id}/add-ons/enterprise-security`)).status).toBe(204);
    expect((await page.get('/v1/me')).status).toBe(401);
    // an administrator's rights are not the operator's, and the other way round
    await page.logIn(portal.id, (await portal.register()).credentials);
    expect((await page.post(`/v1/portals/${portal.id}/accounts/${portal.admin.id}/unlock`)).body.code).toBe(
      'forbidden',
    );
    expect((await page.delete('/operator')).status).toBe(204);
    expect((await page.get('/v1/portals')).status).toBe(401);
  });

  it('makes a call that a session may make too as the operator where the page says so', async () => {
    await page.post('/operator', { token: stack.operatorToken });
    await page.logIn(portal.id, (await portal.register()).credentials);
    const asOperator = (id: string) =>
      page.send('GET', `/v1/portals/${id}/accounts?limit=1`, { headers: { 'x-twinlock-as': 'operator' } });
    expect((await page.get(`/v1/portals/${portal.id}/accounts?limit=1`)).body.code).toBe('forbidden');
    expect((await asOperator(portal.id)).body).toMatchObject({ accounts: [{ id: expect.any(String) }] });
    expect((await asOperator('p-nowhere')).body.code).toBe('not-found');
    await page.delete('/operator');
    expect((await asOperator(portal.id)).status).toBe(401);
    expect((await page.get('/v1/me')).status).toBe(200);
  });

  it('hands the operator a service token and a password link, and nobody else', async () => {
    const asOperator = { headers: { 'x-twinlock-as': 'operator' } };
    const tokens = `/v1/portals/${portal.id}/service-tokens`;
    const links = `/v1/portals/${portal.id}/accounts/${portal.admin.id}/password-links`;
    const body = { name: 'gateway', scopes: ['accounts'] };
    await page.logIn(portal.id, portal.admin.credentials);
    for (const path of [tokens, links]) {
      const answer = await page.send('POST', path, { ...asOperator, ...(path === tokens && { body }) });
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    }
    expect((await page.post(tokens, body)).status).toBe(401);
    await page.post('/operator', { token: stack.operatorToken });
    const issued = await page.post(tokens, body);
    expect([issued.status, issued.headers['cache-control'], issued.cookies]).toEqual([201, 'no-store', []]);
    const token = String(issued.body.token);
    page.handedOn.add(token);
    (await stack.api.as(token).accounts(portal.id)).success();
    expect((await page.get(tokens)).body).toMatchObject({ serviceTokens: [{ name: 'gateway' }] });
    expect((await page.delete(`${tokens}/${String(issued.body.id)}`)).status).toBe(204);
    (await stack.api.as(token).accounts(portal.id)).refused('unauthenticated');
    const link = await page.send('POST', links, asOperator);
    expect([link.status, link.headers['cache-control'], link.cookies]).toEqual([201, 'no-store', []]);
    page.handedOn.add(/pwl_[\w-]+/.exec(link.text)![0]);
    // an administrator is not shown it, also where the browser has the operator's cookie
    expect((await page.post(links)).body.code).toBe('no-mail');
  });

  it('answers bad input with the problem that the call has', async () => {
    const bad = async (body: string, headers = {}) => {
      const answer = await page.post('/v1/login', body, { headers });
      return [answer.status, answer.body.code, answer.headers['content-type']];
    };
    const problem = 'application/problem+json';
    expect(await bad('{')).toEqual([400, 'malformed-request', problem]);
    expect(await bad('{"a":1}')).toEqual([400, 'malformed-request', problem]);
    expect(await bad('[]')).toEqual([400, 'malformed-request', problem]);
    expect(await bad('')).toEqual([400, 'malformed-request', problem]);
    expect(await bad(`"${'x'.repeat(70_000)}"`)).toEqual([413, 'body-too-large', problem]);
    expect(await bad('a=1', { 'content-type': 'text/plain' })).toEqual([415, 'unsupported-media-type', problem]);
    expect((await page.post('/v1/login/code', '[]')).status).toBe(400);
    expect((await page.post('/v1/login/code', { code: '1', extra: 1 })).status).toBe(400);
  });
});
