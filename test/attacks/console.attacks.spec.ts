import { sendRaw } from '#test/support/calls/raw.js';
import { allEndpoints, sampleOf } from '#test/support/calls/samples.js';
import { ConsolePage } from '#test/support/calls/console.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
let other: Portal;
let victim: Person;
let page: ConsolePage;
beforeAll(async () => {
  other = await Portal.make(stack);
  victim = await portal.contributor();
});
beforeEach(() => {
  page = new ConsolePage(stack.origin);
});
afterEach(() => {
  page.checkNothingWasSeen();
  page.close();
});

const forbidden = [403, 'forbidden'];
/** Those that the page does not have are refused as well. */
const writing = allEndpoints.filter(({ method }) => method !== 'GET');
const named = () => ({ portal: portal.id, account: victim.id, token: 'some-token' });

describe('another site', () => {
  const forged: Record<string, Record<string, string>> = {
    'a form': { 'content-type': 'application/x-www-form-urlencoded' },
    'a form that looks like JSON': { 'content-type': 'text/plain' },
    'a script without the mark': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    'a script with the mark': { 'x-twinlock-console': '1', origin: 'https://evil.example' },
    'a neighbour of the domain': { 'x-twinlock-console': '1', 'sec-fetch-site': 'same-site' },
    'a frame without an origin': { 'x-twinlock-console': '1', origin: 'null' },
    'another port': { 'x-twinlock-console': '1', origin: 'http://127.0.0.1:1' },
    'a name that begins like ours': { 'x-twinlock-console': '1', origin: 'http://127.0.0.1.evil.example' },
    'another mark': { 'x-twinlock-console': 'true' },
    'a name of its own that leads here': {
      'x-twinlock-console': '1',
      host: 'evil.example',
      origin: 'http://evil.example',
      'sec-fetch-site': 'same-origin',
    },
  };

  it.each(Object.keys(forged))('%s, changes nothing by the cookies that the browser has', async (kind) => {
    await page.logIn(portal.id, portal.admin.credentials);
    for (const endpoint of writing) {
      const { method, path, body } = sampleOf(endpoint, named());
      const answer = await page.sendBare(method, path, { body, headers: forged[kind]! });
      expect([endpoint.operationId, answer.status, answer.body.code, answer.cookies]).toEqual([
        endpoint.operationId,
        ...forbidden,
        [],
      ]);
    }
    for (const method of ['POST', 'DELETE']) {
      const answer = await page.sendBare(method, '/operator', {
        body: { token: stack.operatorToken },
        headers: forged[kind]!,
      });
      expect([method, answer.status, answer.cookies]).toEqual([method, 403, []]);
    }
    expect((await page.get('/v1/me')).status).toBe(200);
  });

  it('gets no leave from the server to ask with the mark', async () => {
    const headers = [
      ['Origin', 'https://evil.example'],
      ['Access-Control-Request-Method', 'POST'],
      ['Access-Control-Request-Headers', 'x-twinlock-console'],
    ] as const;
    const answer = await sendRaw(stack.origin, { method: 'OPTIONS', target: '/console/api/v1/logout', headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('a script in the page', () => {
  it('reaches no call that the page has no need of, with whatever token', async () => {
    await page.post('/operator', { token: stack.operatorToken });
    await page.logIn(portal.id, portal.admin.credentials);
    const { token: service } = await portal.serviceToken('challenges', 'events');
    for (const operationId of ['openChallenge', 'verifyChallenge']) {
      const endpoint = allEndpoints.find((known) => known.operationId === operationId)!;
      const { method, path, body } = sampleOf(endpoint, named());
      for (const token of [service, stack.operatorToken]) {
        const answer = await page.send(method, path, { body, headers: { authorization: `Bearer ${token}` } });
        expect([operationId, answer.status, answer.body.code]).toEqual([operationId, 404, 'not-found']);
      }
    }
  });

  it('makes no login token once the proof of the administrator is old', async () => {
    await page.logIn(portal.id, portal.admin.credentials);
    stack.clock.advance(601);
    const answer = await page.post(`/v1/portals/${portal.id}/accounts/${victim.id}/login-tokens`);
    expect([answer.status, answer.body.code]).toEqual([403, 're-authentication-required']);
  });

  it("issues and revokes no service token but by the operator's cookie", async () => {
    await page.logIn(portal.id, portal.admin.credentials);
    const { id } = await portal.serviceToken('accounts', 'erasure', 'commands');
    const service = await portal.serviceToken('accounts', 'erasure', 'commands');
    const path = `/v1/portals/${portal.id}/service-tokens`;
    const body = { name: 'a tool', scopes: ['events'] };
    for (const token of [service.token, portal.admin.token!, stack.operatorToken]) {
      for (const as of ['operator', 'session']) {
        const sending = { headers: { authorization: `Bearer ${token}`, 'x-twinlock-as': as } };
        const issued = await page.send('POST', path, { body, ...sending });
        const revoked = await page.send('DELETE', `${path}/${id}`, sending);
        expect([issued.status, revoked.status]).toEqual([401, 401]);
      }
    }
  });

  it('has no use of a token of its own', async () => {
    const headers = { authorization: `Bearer ${portal.admin.token}` };
    expect((await page.get('/v1/me', { headers })).status).toBe(401);
    await page.logIn(portal.id, victim.credentials);
    expect((await page.get('/v1/me', { headers })).body.id).toBe(victim.id);
    expect((await page.get(`/v1/portals/${portal.id}/accounts`, { headers })).status).toBe(403);
  });

  it('cannot have a challenge taken that the browser was not given', async () => {
    const enrolled = await portal.enrolled();
    const challenge = await enrolled.challenge();
    const code = enrolled.phone.freshCode();
    const smuggled = await page.post('/v1/login/code', { challenge, code });
    expect([smuggled.status, smuggled.body.code, page.jar.size]).toEqual([401, 'challenge-ended', 0]);
  });

  it('reads what it may by the cookie of its portal alone', async () => {
    await page.logIn(portal.id, portal.admin.credentials);
    for (const path of ['accounts', 'settings/two-factor', 'events', 'events/export?format=csv']) {
      const answer = await page.get(`/v1/portals/${other.id}/${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });
});

describe('cookies that somebody else put there', () => {
  it('do not become the session of who logs in', async () => {
    const another = (await portal.contributor()).token!;
    page.jar.set('twinlock-session', another);
    page.jar.set('twinlock-challenge', 'planted');
    const answer = await page.logIn(portal.id, portal.admin.credentials);
    expect(answer.status).toBe(200);
    expect(page.jar.get('twinlock-session')).not.toBe(another);
    expect((await page.get('/v1/me')).body.id).toBe(portal.admin.id);
  });

  it('are no session', async () => {
    for (const value of ['', 'x', 'ses_x', '%0d%0aX-Evil: 1', '"quoted"', 'ses_%00', 'a'.repeat(8_000)]) {
      const headers = { cookie: `twinlock-session=${value}; twinlock-session=; a; =b; ;` };
      const answer = await page.get('/v1/me', { headers });
      expect([value, answer.status, answer.body.code]).toEqual([value, 401, 'unauthenticated']);
    }
  });

  it('are no operator, and the operator no service', async () => {
    for (const token of [victim.token!, portal.admin.token!]) {
      page.jar.set('twinlock-operator', token);
      expect((await page.get('/v1/portals')).status).toBe(403);
      expect((await page.post('/operator', { token })).status).toBe(400);
    }
  });
});

describe('a path in another writing', () => {
  it('leads to no call beside those of the page', async () => {
    await portal.admin.signIn();
    const cookie = `twinlock-session=${portal.admin.token}; twinlock-operator=${stack.operatorToken}`;
    const batch = `v1/portals/${portal.id}/accounts/batch`;
    const body = JSON.stringify({ accounts: [{ username: 'intruder', type: 'contributor' }] });
    for (const target of [
      `/console/api/../${batch}`,
      `/console/api//${batch}`,
      `/console/api/${batch}/`,
      `/console/api/%76%31/portals/${portal.id}/accounts/batch`,
      `/console/api/v1/portals/${portal.id}%2faccounts/batch`,
      `/console/api/v1/login/../portals/${portal.id}/accounts/batch`,
      `/console/api/v1/login/%2e%2e/portals/${portal.id}/accounts/batch`,
      `/console/api/v1/me?/../../portals/${portal.id}/accounts/batch`,
      `/console/api/v1/accounts;/../${batch}`,
      `//console/api/${batch}`,
      `/Console/api/${batch}`,
      `/console/api\\${batch}`,
    ]) {
      const headers = [
        ['Cookie', cookie],
        ['X-Twinlock-Console', '1'],
      ] as const;
      const answer = await sendRaw(stack.origin, { method: 'POST', target, headers, body });
      expect([target, [400, 404, 405].includes(answer.status)]).toEqual([target, true]);
      expect(answer.body).not.toContain('results');
    }
    const intruders = (await portal.api.accounts(portal.id, { query: 'intruder' })).success().accounts;
    expect(intruders).toEqual([]);
  });

  it('of a file shows none from outside the page', async () => {
    for (const path of [
      '../package.json',
      '..%2fpackage.json',
      'assets/../../package.json',
      'assets/%2e%2e/%2e%2e/x.js',
    ]) {
      const { body } = await sendRaw(stack.origin, { method: 'GET', target: `/console/${path}` });
      expect([path, body.includes('"dependencies"')]).toEqual([path, false]);
    }
  });
});
