import { bytesOf, exchange, sendRaw } from '#test/support/calls/raw.js';
import { allEndpoints } from '#test/support/calls/samples.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
let other: Portal;
let victim: Person;
beforeAll(async () => {
  other = await Portal.make(stack);
  victim = await other.enrolled();
});

const codeOf = (body: string): unknown => (body === '' ? null : (JSON.parse(body) as { code?: unknown }).code);
const seen = async (head: Parameters<typeof sendRaw>[1]) => {
  const { status, body } = await sendRaw(stack.origin, head);
  return [status, codeOf(body)];
};
const notFound = [404, 'not-found'];
const notAllowed = [405, 'method-not-allowed'];
const malformed = [400, 'malformed-request'];

describe('a path in another writing', () => {
  it('is no way into another portal', async () => {
    const [mine, theirs] = [portal.id, other.id];
    const coded = [...theirs].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
    const targets = [
      `/v1/portals/${mine}/../${theirs}/accounts`,
      `/v1/portals/${mine}/..%2f${theirs}/accounts`,
      `/v1/portals/${mine}/%2e%2e/${theirs}/accounts`,
      `/v1/portals/${mine}%2f..%2f${theirs}/accounts`,
      `/v1/portals/${coded}/accounts`,
      `/v1/portals/${theirs}/accounts?portal=${mine}`,
      `/v1/portals/${theirs};${mine}/accounts`,
      `/v1/portals/${theirs}%00/accounts`,
      `/v1/portals/${theirs.toUpperCase()}/accounts`,
      `/v1/portals/${theirs}/accounts/`,
      `/v1/portals//${theirs}/accounts`,
      `//v1/portals/${theirs}/accounts`,
      `/./v1/portals/${theirs}/accounts`,
      `/v1/portals/${theirs}/accounts#`,
      `/v1\\portals\\${theirs}\\accounts`,
      `/V1/portals/${theirs}/accounts`,
      `/v1/portals/${theirs}/accounts/${victim.id}/..`,
      `http://127.0.0.1/v1/portals/${theirs}/accounts`,
      `http://evil.example/v1/portals/${theirs}/accounts`,
      `/v1/portals/${theirs}/%61ccounts`,
    ];
    for (const target of targets) {
      const { status, body } = await sendRaw(stack.origin, { method: 'GET', target, token: portal.admin.token });
      expect([target, [400, 404].includes(status)]).toEqual([target, true]);
      expect(body).not.toContain(victim.credentials.username);
    }
  });

  it('of a call that anybody may make is not a call that others may not', async () => {
    for (const target of ['/v1/login/../me', '/v1/login/%2e%2e/me', '/v1/login;/../me', '/health/live/../../v1/me']) {
      expect([target, [400, 404].includes(Number((await seen({ method: 'GET', target }))[0]))]).toEqual([target, true]);
    }
    expect(await seen({ method: 'GET', target: '/v1/%6de' })).toEqual([401, 'unauthenticated']);
    expect(await seen({ method: 'GET', target: '/v1/me?access_token=' + victim.token })).toEqual([
      401,
      'unauthenticated',
    ]);
  });

  it('that leads to a file, a page of the framework or an object of the language is none of ours', async () => {
    const targets = [
      '/..%2f..%2fetc/passwd',
      '/.env',
      '/package.json',
      '/data/vault-keys',
      '/__proto__',
      '/constructor',
      '/toString',
      '/metrics/',
      '/openapi.json/..',
      '/%',
      '/%zz',
      '/%c0%ae',
    ];
    for (const target of targets) {
      const answer = await seen({ method: 'GET', target });
      expect([target, answer]).toEqual([target, answer[0] === 404 ? notFound : malformed]);
    }
  });
});

describe('a method in another writing', () => {
  it('named in a header, a query or a body changes nothing', async () => {
    const there = `/v1/portals/${portal.id}`;
    const { token } = portal.admin;
    const user = await portal.contributor();
    const names = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method'];
    const overriding = (method: string) => names.map((name): [string, string] => [name, method]);
    const before = (await portal.api.account(portal.id, user.id)).success();

    const account = `${there}/accounts/${user.id}`;
    const body = JSON.stringify({ displayName: 'Overridden' });
    expect(await seen({ method: 'POST', target: account, token, body, headers: overriding('PATCH') })).toEqual(
      notAllowed,
    );
    expect((await seen({ method: 'GET', target: account, token, headers: overriding('PATCH') }))[0]).toBe(200);
    const settings = `${there}/settings/two-factor`;
    const on = await portal.settings();
    const off = JSON.stringify({ ...on, enabled: false });
    expect(await seen({ method: 'POST', target: settings, token, body: off, headers: overriding('PUT') })).toEqual(
      notAllowed,
    );
    expect(await seen({ method: 'GET', target: `${settings}?_method=PUT`, token })).toEqual(malformed);
    expect((await portal.api.account(portal.id, user.id)).success()).toEqual(before);
    expect(await portal.settings()).toEqual(on);
  });

  it('that no call has is not allowed, and HEAD, TRACE and CONNECT tell nothing', async () => {
    const known = new Set(allEndpoints.map(({ method }) => method));
    expect([...known].sort()).toEqual(['DELETE', 'GET', 'PATCH', 'POST', 'PUT']);
    for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'LOCK', 'QUERY']) {
      const [status] = await seen({ method, target: `/v1/portals/${portal.id}/events`, token: portal.admin.token });
      expect([method, status === 405 || status === 400]).toEqual([method, true]);
    }
    expect(await stack.api.raw('HEAD', '/v1/me')).toMatchObject({ status: 401, text: '' });
    const streamed = await portal.api.raw('HEAD', `/v1/portals/${portal.id}/events/stream`);
    expect([streamed.status, streamed.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const exported = await portal.api.raw('HEAD', `/v1/portals/${portal.id}/events/export?format=csv`);
    expect([exported.status, exported.text]).toEqual([200, '']);
    const lower = await sendRaw(stack.origin, { method: 'get', target: '/v1/me', token: victim.token });
    expect(lower.status).toBe(400);
    const connected = await exchange(stack.origin, 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n');
    for (const { status } of connected) expect(status).toBeGreaterThanOrEqual(400);
  });
});

describe('requests on one connection', () => {
  const get = (target: string, token?: string) => bytesOf({ method: 'GET', target, token });

  it('sent at once are answered in order, each by its own token', async () => {
    const user = await portal.contributor();
    const tokens = [portal.admin.token, undefined, user.token, 'nonsense', portal.admin.token, undefined];
    const answers = await exchange(stack.origin, tokens.map((token) => get('/v1/me', token)).join(''), tokens.length);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 401, 200, 401]);
    const ids = answers.map(({ body }) => (JSON.parse(body) as { id?: string }).id);
    expect(ids).toEqual([portal.admin.id, undefined, user.id, undefined, portal.admin.id, undefined]);
  });

  it.each<[string, string[]]>([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 60']],
    ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked']],
    ['chunks in a coding nobody knows', ['Transfer-Encoding: xchunked']],
    ['chunks that are not the last coding', ['Transfer-Encoding: chunked, identity']],
    ['chunks behind a space', ['Transfer-Encoding : chunked']],
    ['a folded header', ['X-Folded: a', ' Transfer-Encoding: chunked']],
    ['a negative length', ['Content-Length: -1']],
    ['a length with a sign', ['Content-Length: +2']],
  ])('smuggle nothing: %s is refused, and what follows is no request', async (_, headers) => {
    const hidden = get(`/v1/portals/${portal.id}/accounts`, portal.admin.token);
    const bytes = `POST /v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers.join('\r\n')}\r\n\r\n{}${hidden}`;
    const answers = await exchange(stack.origin, bytes, 2);
    expect(answers.map(({ status }) => status)).toEqual([400]);
    expect(answers[0]?.headers.connection).toBe('close');
  });

  it('with a body that nobody reads leave nothing for the next one', async () => {
    const inner = get('/v1/me', portal.admin.token);
    for (const target of ['/v1/me', '/nowhere', '/health/live']) {
      const outer = `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
      const answers = await exchange(stack.origin, outer + get('/v1/me'), 2);
      const statuses = answers.map(({ status }) => status);
      expect([target, statuses.includes(200)]).toEqual([target, false]);
      expect(statuses.at(-1)).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('a header', () => {
  const me = { method: 'GET', target: '/v1/me' };

  it('of authorization counts once, as a bearer token, and whole', async () => {
    const token = victim.token as string;
    const with_ = (...headers: [string, string][]) => seen({ ...me, headers });
    expect((await with_(['Authorization', `Bearer ${token}`]))[0]).toBe(200);
    const refused: [string, string][][] = [
      [['Authorization', token]],
      [['Authorization', `Basic ${Buffer.from(`:${token}`).toString('base64')}`]],
      [['Authorization', `Bearer ${token.slice(0, -1)}`]],
      [['Authorization', `Bearer ${token}x`]],
      [['Authorization', `Bearer nonsense, Bearer ${token}`]],
      [['Authorization', `Bearer "${token}"`]],
      [['Proxy-Authorization', `Bearer ${token}`]],
      [['X-Authorization', `Bearer ${token}`]],
      [['Cookie', `accessToken=${token}; session=${token}`]],
      [
        ['Authorization', 'Bearer nonsense'],
        ['Authorization', `Bearer ${token}`],
      ],
    ];
    for (const headers of refused)
      expect([headers, await with_(...headers)]).toEqual([headers, [401, 'unauthenticated']]);
  });

  it('comes back in no answer: no line of it can be put in by a client', async () => {
    const evil = '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11%0d%0aSet-Cookie: a=b';
    const headers: [string, string][] = [
      'X-Request-Id',
      'X-Request-Id',
      'Traceparent',
      'Origin',
      'Accept',
      'Last-Event-ID',
    ].map((name) => [name, evil]);
    for (const target of [
      '/v1/me',
      '/nowhere',
      `/v1/portals/${portal.id}/events?after=${evil}`,
      `/v1/portals/x%0d%0aSet-Cookie:%20a=b/events`,
    ]) {
      const answer = await sendRaw(stack.origin, {
        method: 'GET',
        target: target.replaceAll(' ', '%20'),
        token: portal.admin.token,
        headers,
      });
      expect(JSON.stringify(answer.headers)).not.toMatch(/set-cookie|a=b|0c9c3a0e/i);
      expect(answer.body).not.toContain('Set-Cookie');
    }
    const user = await portal.register();
    for (let i = 0; i < 5; i += 1) await user.enterWrongPassword(stack.api.from('127.9.9.9'));
    const waits = await stack.api
      .from('127.9.9.9')
      .raw(
        'POST',
        '/v1/login',
        { portal: portal.id, ...user.credentials },
        { 'retry-after': '0\tx', 'x-request-id': 'x' },
      );
    expect([waits.status, waits.headers['retry-after']]).toEqual([429, expect.stringMatching(/^[1-9]\d{0,2}$/)]);
  });

  it('writes no line of its own into the log of the product', async () => {
    const forged = '"}\\n{"level":"error","msg":"forged line"}';
    await stack.api.login({
      portal: portal.id,
      username: `x\n{"level":"error","msg":"forged line"}`,
      password: forged,
    });
    await sendRaw(stack.origin, {
      ...me,
      headers: [
        ['X-Request-Id', forged],
        ['User-Agent', forged],
      ],
    });
    await sendRaw(stack.origin, {
      method: 'GET',
      target: '/%0a%7b%22level%22:%22error%22,%22msg%22:%22forged%20line%22%7d',
    });
    for (const line of stack.output().split('\n')) {
      if (line.startsWith('{')) expect((JSON.parse(line) as { msg?: string }).msg).not.toBe('forged line');
    }
    expect(stack.output()).not.toContain('forged line');
  });

  it('of no host, of two, or too long, is refused', async () => {
    const second: [string, string] = ['Host', 'evil.example'];
    for (const target of ['/v1/me', '/console/', '/health/live']) {
      expect(await seen({ method: 'GET', target, token: victim.token, headers: [second] })).toEqual(malformed);
    }

    expect((await exchange(stack.origin, 'GET /health/live HTTP/1.1\r\n\r\n'))[0]?.status).toBe(400);
    const long = await sendRaw(stack.origin, { ...me, headers: [['X-Long', 'x'.repeat(20_000)]] });
    expect([long.status, codeOf(long.body)]).toEqual(malformed);
    const many = Array.from({ length: 1_500 }, (_, i): [string, string] => [`X-${i}`, 'x']);
    expect((await sendRaw(stack.origin, { ...me, headers: many })).status).toBeGreaterThanOrEqual(400);
    expect((await stack.api.raw('GET', '/health/ready')).status).toBe(200);
  });
});
