import { once } from 'node:events';
import { connect } from 'node:net';
import { problemDocument } from '#libs/contracts/src/problems.js';
import { openSampleFront, type SampleFront, tokens } from '../testing/sample-front.js';

let front: SampleFront;
beforeAll(async () => {
  front = await openSampleFront();
});
afterAll(() => front.close());

const json = { 'content-type': 'application/json' };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Headers;
}
async function call(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(front.url + path, { ...init, method });
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  if (response.status >= 400 && method !== 'HEAD') {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problemDocument.safeParse(body).success).toBe(true);
    expect(body.status).toBe(response.status);
  }
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  return { status: response.status, body, headers: response.headers };
}
const echo = (body: RequestInit['body'], headers: Record<string, string> = json) =>
  call('POST', '/v1/echo', { body: body ?? null, headers });

/** Bytes that `fetch` would not send. */
async function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(front.url);
  const socket = connect(Number(port), hostname);
  socket.end(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  await once(socket, 'close');
  return answer;
}

describe('a body', () => {
  it('is answered when it is as the contract says', async () => {
    await expect(echo('{"text":"hällo"}')).resolves.toMatchObject({ status: 200, body: { text: 'hällo' } });
    await expect(echo('{"text":"x"}', { 'content-type': 'application/json; charset=utf-8' })).resolves.toMatchObject({
      status: 200,
    });
  });

  it.each([1, 20_000])('comes back as JSON when it has a text of %d characters', async (length) => {
    const body = JSON.stringify({ text: 'ä'.repeat(length) });
    const { headers, body: echoed } = await echo(body);
    expect(JSON.stringify(echoed)).toBe(body);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
  });

  it.each([
    ['nothing', '', [{ field: '', message: 'Invalid input: expected object, received undefined' }]],
    ['null', 'null', [{ field: '', message: 'Invalid input: expected object, received null' }]],
    ['a list', '[]', [{ field: '', message: 'Invalid input: expected object, received array' }]],
    ['a missing field', '{}', [{ field: 'text', message: 'Invalid input: expected string, received undefined' }]],
    [
      'wrong kinds',
      '{"text":1,"number":"2"}',
      [
        { field: 'text', message: 'Invalid input: expected string, received number' },
        { field: 'number', message: 'Invalid input: expected number, received string' },
      ],
    ],
    ['an unknown field', '{"text":"x","more":1}', [{ field: 'more', message: 'is not a known field' }]],
    [
      'a name that may be a secret',
      '{"text":"x","p4ss w0rd!":1}',
      [{ field: '(unnamed)', message: expect.any(String) }],
    ],
    ['too long a text', JSON.stringify({ text: 'x'.repeat(20_001) }), [{ field: 'text', message: expect.any(String) }]],
  ])('with %s is malformed, and the answer says where', async (_, body, errors) => {
    const answer = await echo(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed-request', errors } });
  });

  it.each([
    ['no JSON', '{"text":'],
    ['a prototype', '{"text":"x","__proto__":{"number":1}}'],
    ['a constructor', '{"text":"x","constructor":{"prototype":{"number":1}}}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ])('with %s is malformed, as a whole', async (_, body) => {
    const errors = [{ field: '', message: expect.any(String) as string }];
    await expect(echo(body)).resolves.toMatchObject({ status: 400, body: { code: 'malformed-request', errors } });
  });

  it('is not quoted in the answer', async () => {
    const { body } = await echo('{"text":{"hunter2":1},"number":"hunter2"} hunter2');
    expect(JSON.stringify(body)).not.toContain('hunter2');
    const valid = await echo('{"text":{"hunter2":1},"number":"hunter2"}');
    expect(JSON.stringify(valid.body)).not.toContain('hunter2');
  });

  it('of 64 KiB is read, one byte more is too large', async () => {
    const padded = (length: number) => '{"text":"x"}'.padEnd(length, ' ');
    await expect(echo(padded(65_536))).resolves.toMatchObject({ status: 200 });
    await expect(echo(padded(65_537))).resolves.toMatchObject({ status: 413, body: { code: 'body-too-large' } });
  });

  it('of unknown length is too large all the same', async () => {
    const chunk = new TextEncoder().encode(' '.repeat(1024));
    let left = 65;
    const stream = new ReadableStream({
      pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
    });
    const answer = await call('POST', '/v1/echo', { body: stream, headers: json, duplex: 'half' });
    expect(answer).toMatchObject({ status: 413, body: { code: 'body-too-large' } });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('of type %s is not read', async (type) => {
    const answer = await echo('{"text":"x"}', { 'content-type': type });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
  });

  it('may be left out, or be {}, where a call takes none', async () => {
    const headers = bearer(tokens.operator);
    for (const init of [{}, { body: '', headers: json }, { body: '{}', headers: json }]) {
      const answer = await call('DELETE', '/v1/portals/mine', { ...init, headers: { ...headers, ...init.headers } });
      expect(answer.status).toBe(204);
    }
    const answer = await call('DELETE', '/v1/portals/mine', { body: '{"x":1}', headers: { ...headers, ...json } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'x' }] } });
  });

  const form = 'Content-Type: application/x-www-form-urlencoded';
  it.each([
    ['not at all', []],
    ['as curl sends -d ""', ['Content-Length: 0', form]],
    ['as wget sends --post-data=', [form, 'Content-Length: 0']],
    ['as PowerShell does', [`${form}; charset=utf-8`, 'Content-Length: 0']],
    ['as an empty multipart', ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 0']],
    ['as text', ['Content-Type: text/plain', 'Content-Length: 0']],
    ['of no type', ['Content-Type:', 'Content-Length: 0']],
    ['of a type that is none', ['Content-Type: nonsense', 'Content-Length: 0']],
    ['in chunks', ['Transfer-Encoding: chunked']],
    ['as a form in chunks', [form, 'Transfer-Encoding: chunked']],
    ['as JSON in chunks', ['Content-Type: application/json', 'Transfer-Encoding: chunked']],
  ])('that is empty is none where a call takes none, sent %s', async (_, headers) => {
    const chunks = headers.includes('Transfer-Encoding: chunked') ? '0\r\n\r\n' : '';
    const lines = [`Authorization: Bearer ${tokens.operator}`, 'Connection: close', ...headers];
    const answer = await raw(`DELETE /v1/portals/mine HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n${chunks}`);
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    const needed = await raw(`POST /v1/echo HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n${chunks}`);
    expect(needed).toMatch(/^HTTP\/1\.1 400 .*"code":"malformed-request"/s);
  });

  it.each([form, 'Content-Type: text/plain', 'Content-Type:', 'X-No: type'])(
    'that is not empty is not read where a call takes none: %s',
    async (header) => {
      const lines = [`Authorization: Bearer ${tokens.operator}`, 'Connection: close', header];
      for (const framed of [
        'Content-Length: 3\r\n\r\na=1',
        'Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n',
      ]) {
        const answer = await raw(`DELETE /v1/portals/mine HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n${framed}`);
        expect(answer).toMatch(/^HTTP\/1\.1 415 /);
      }
    },
  );
});

describe('a path', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/v1'],
    ['POST', '/v1/echo/'],
    ['POST', '/V1/echo'],
    ['POST', '/v1//echo'],
    ['HEAD', '/v1/nothing'],
    ['OPTIONS', '/v1/nothing'],
    ['GET', '/__proto__'],
    ['GET', `/v1/portals/${'x'.repeat(1_025)}/things`],
  ])('%s %s is not found', async (method, path) => {
    const answer = await call(method, path);
    expect(answer.status).toBe(404);
    if (method !== 'HEAD') expect(answer.body.code).toBe('not-found');
  });

  it.each([
    ['GET', '/v1/echo', 'POST'],
    ['HEAD', '/v1/echo', 'POST'],
    ['OPTIONS', '/v1/echo', 'POST'],
    ['PROPFIND', '/v1/echo?x=1', 'POST'],
    ['PATCH', '/v1/mine', 'GET, HEAD'],
    ['PUT', '/v1/portals/mine', 'DELETE'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['DELETE', '/metrics', 'GET, HEAD'],
    ['OPTIONS', '/openapi.json', 'GET, HEAD'],
  ])('%s %s has other methods, and the answer says which', async (method, path, allow) => {
    const answer = await call(method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    if (method !== 'HEAD') expect(answer.body).toMatchObject({ code: 'method-not-allowed', allow: allow.split(', ') });
  });

  it.each([
    '/v1/address?limit=3',
    '/v1/mine',
    '/health/live',
    '/health/ready',
    '/metrics',
    '/openapi.json',
    '/nothing',
  ])('answers HEAD as it answers GET, without the body: %s', async (path) => {
    const [get, head] = await Promise.all(['GET', 'HEAD'].map((method) => fetch(front.url + path, { method })));
    // of the request, of the moment, or of the connection, which the client ends
    const own = [
      'x-request-id',
      'date',
      'connection',
      'keep-alive',
      ...(path === '/metrics' ? ['content-length'] : []),
    ];
    const kept = ({ headers }: Response) => [...headers].filter(([name]) => !own.includes(name));
    expect([head!.status, await head!.text()]).toEqual([get!.status, '']);
    expect(kept(head!)).toEqual(kept(get!));
  });

  it.each(['/v1/portals/%/things', '/v1/%ff', '/%E0%A4%A'])('%s is no well-formed URL', async (path) => {
    await expect(call('PUT', path)).resolves.toMatchObject({ status: 400, body: { code: 'malformed-request' } });
  });

  it('has well-formed parameters, else says which is not', async () => {
    const answer = await call('DELETE', '/v1/portals/NOT-AN-ID', { headers: bearer(tokens.operator) });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'portal' }] } });
    const slash = await call('DELETE', '/v1/portals/a%2Fb', { headers: bearer(tokens.operator) });
    expect(slash).toMatchObject({ status: 400, body: { errors: [{ field: 'portal' }] } });
  });
});

describe('a query', () => {
  it('has defaults', async () => {
    await expect(call('GET', '/v1/address')).resolves.toMatchObject({ status: 200, body: { limit: 50 } });
    await expect(call('GET', '/v1/address?limit=200')).resolves.toMatchObject({ status: 200, body: { limit: 200 } });
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=x', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['offset=1', 'offset'],
    ['after=a&after=b', 'after'],
    ['__proto__=1', '(unnamed)'],
  ])('?%s is malformed', async (query, field) => {
    const answer = await call('GET', `/v1/address?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed-request', errors: [{ field }] } });
  });
});

describe('a caller', () => {
  const change = (token: string | undefined, portal = 'mine', body = '{"name":"x"}') =>
    call('PUT', `/v1/portals/${portal}/things`, { body, headers: { ...json, ...(token && bearer(token)) } });

  it('is let in by a token that the call allows', async () => {
    await expect(change(tokens.administrator)).resolves.toMatchObject({ status: 200, body: { kind: 'session' } });
    await expect(change(tokens.tool)).resolves.toMatchObject({ status: 200, body: { kind: 'service' } });
  });

  it.each([
    ['no token', undefined],
    ['nonsense', 'nonsense'],
    ['an unknown session', tokens.unknownSession],
    ['a login token', tokens.user.replace('ses_', 'lgn_')],
  ])('with %s is not known', async (_, token) => {
    const answer = await change(token);
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is told that the session has ended', async () => {
    await expect(change(tokens.ended)).resolves.toMatchObject({ status: 401, body: { code: 'session-ended' } });
  });

  it.each([
    ['a user', tokens.user],
    ['the operator', tokens.operator],
    ['a service without the scope', tokens.gateway],
  ])('%s may not', async (_, token) => {
    await expect(change(token)).resolves.toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('does not see another portal, nor learns what is wrong with a request for it', async () => {
    for (const token of [tokens.administrator, tokens.tool, tokens.user, tokens.gateway]) {
      await expect(change(token, 'theirs', '{"wrong":1}')).resolves.toMatchObject({ status: 404 });
    }
  });

  it('learns what is wrong with the request only if they may make it', async () => {
    await expect(change(undefined, 'mine', '{"wrong":1}')).resolves.toMatchObject({ status: 401 });
    await expect(change(tokens.user, 'mine', '{"wrong":1}')).resolves.toMatchObject({ status: 403 });
    await expect(change(tokens.administrator, 'mine', '{"wrong":1}')).resolves.toMatchObject({ status: 400 });
  });

  it('needs a fresh proof in a session, where the call says so of such a body, after all else is right', async () => {
    const refused = { status: 403, body: { code: 're-authentication-required', needs: ['password'] } };
    await expect(change(tokens.administrator, 'mine', '{"name":"x","open":true}')).resolves.toMatchObject(refused);
    for (const token of [tokens.provedAdministrator, tokens.tool]) {
      await expect(change(token, 'mine', '{"name":"x","open":true}')).resolves.toMatchObject({ status: 200 });
    }
    await expect(change(tokens.administrator, 'mine', '{"name":"x","open":false}')).resolves.toMatchObject({
      status: 200,
    });
    await expect(change(tokens.administrator, 'mine', '{"open":true}')).resolves.toMatchObject({ status: 400 });
    await expect(change(tokens.administrator, 'theirs', '{"name":"x","open":true}')).resolves.toMatchObject({
      status: 404,
    });
    await expect(change(tokens.user, 'mine', '{"name":"x","open":true}')).resolves.toMatchObject({
      body: { code: 'forbidden' },
    });
  });

  it('may bring any token to a call that is for everybody', async () => {
    for (const token of ['nonsense', tokens.ended, tokens.operator]) {
      await expect(call('GET', '/v1/address', { headers: bearer(token) })).resolves.toMatchObject({ status: 200 });
    }
  });

  it('is where the connection comes from, whatever X-Forwarded-For says', async () => {
    const answer = await call('GET', '/v1/address', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(answer.body.address).toBe('127.0.0.1');
  });
});

describe('a failure', () => {
  const fail = (how: string) => call('POST', `/v1/fail/${how}`);

  it('that a handler means is answered as it is', async () => {
    const answer = await fail('refused');
    expect(answer).toMatchObject({ status: 429, body: { code: 'too-many-attempts', retryAfter: 7 } });
    expect(answer.headers.get('retry-after')).toBe('7');
  });

  it('of the store is a wait', async () => {
    const answer = await fail('store');
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JSON.stringify(answer.body)).not.toContain('/secret/path');
  });

  it.each(['unforeseen', 'no-error-at-all', 'wrong-reply'])(
    'nobody foresaw (%s) tells nothing of itself',
    async (how) => {
      const answer = await fail(how);
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal-error' } });
      expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|stack|\.js/);
    },
  );

  it('is logged with its stack and the id of the request', async () => {
    const id = '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11';
    await call('POST', '/v1/fail/unforeseen', { headers: { 'x-request-id': id } });
    const entry = front
      .log()
      .split('\n')
      .find((line) => line.includes(id) && line.includes('a request failed'));
    expect(JSON.parse(entry!)).toMatchObject({ level: 'error', correlationId: id, err: { type: 'Error' } });
  });
});

describe('the log of requests', () => {
  it('has the route, not what was asked, and no bodies', async () => {
    await call('GET', '/v1/address?after=hunter2');
    await call('DELETE', '/v1/portals/hunter2', { headers: bearer(tokens.operator) });
    await echo('{"text":"hunter2"}');
    await call('GET', '/v1/hunter2');
    await call('GET', '/v1/address', { headers: { 'x-request-id': 'hunter2' } });
    const entries = front
      .log()
      .split('\n')
      .filter((line) => line.includes('"msg":"request"'));
    expect(entries.some((line) => line.includes('"/v1/portals/:portal"') && line.includes('204'))).toBe(true);
    expect(entries.join('')).not.toContain('hunter2');
    expect(front.log()).not.toContain(tokens.operator);
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['a broken header', 'GET /v1/address HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n'],
    [
      'both lengths',
      'POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two hosts', 'GET /v1/address HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['the same host twice', 'GET /v1/address HTTP/1.1\r\nHost: x\r\nhOST: x\r\n\r\n'],
    ['two hosts in HTTP/1.0', 'GET /health/live HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['headers over 16 KiB', `GET /v1/address HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('(%s) is answered with a problem, and the connection ends', async (_, text) => {
    const answer = await raw(text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toContain('"code":"malformed-request"');
  });

  it.each([
    ['an absolute URL', 'GET http://x/v1/address HTTP/1.1', 200],
    ['an asterisk', 'OPTIONS * HTTP/1.1', 404],
    ['HTTP/1.0', 'GET /v1/address HTTP/1.0', 200],
    ['an upgrade', 'GET /v1/address HTTP/1.1\r\nConnection: close, upgrade\r\nUpgrade: websocket', 200],
  ])('but %s is', async (_, head, status) => {
    const answer = await raw(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('leaves the server up', async () => {
    await expect(call('GET', '/v1/address')).resolves.toMatchObject({ status: 200 });
  });
});
