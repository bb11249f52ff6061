import { createRequire } from 'node:module';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { pino } from 'pino';
import type { Front } from '#libs/platform/src/http/front.js';
import { until } from '#test/support/until.js';
import { openGateway } from './gateway.js';
import { readGatewaySettings } from './settings.js';

const { version } = createRequire(import.meta.url)('#package.json') as { version: string };
const names = ['IDENTITY_URL', 'TWO_FACTOR_URL', 'ADMIN_POLICY_URL', 'AUDIT_URL', 'OPENID_URL'] as const;

/** A stand-in for each app that answers with its own name and what it was asked. */
async function startUpstream(name: string): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/health/ready') return void response.end('{}');
    if (request.url?.endsWith('/stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.write('data: first\n\n');
    }
    if (request.url?.endsWith('/import')) {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'content-type': 'application/problem+json', connection: 'close' });
        return void response.end('{}');
      }
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write(`${JSON.stringify(request.headers)}\n`);
      return void request.pipe(response);
    }
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name, method, url, body, headers }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('the gateway', () => {
  const upstreams = new Map<string, Server>();
  let gateway: Front;

  beforeAll(async () => {
    for (const name of names) upstreams.set(name, await startUpstream(name));
    const env = Object.fromEntries(
      [...upstreams].map(([name, server]) => [name, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]),
    );
    gateway = await openGateway(readGatewaySettings({ ...env, PORT: '0' }), pino({ level: 'silent' }));
  });
  afterAll(async () => {
    await gateway.close();
    for (const server of upstreams.values()) {
      server.closeAllConnections();
      server.close();
    }
  });

  const call = (method: string, path: string, init: RequestInit = {}) => fetch(gateway.url + path, { method, ...init });

  it.each([
    ['POST', '/v1/login', 'IDENTITY_URL'],
    ['POST', '/v1/portals', 'IDENTITY_URL'],
    ['GET', '/v1/portals', 'ADMIN_POLICY_URL'],
    ['GET', '/v1/me', 'IDENTITY_URL'],
    ['GET', '/v1/me/two-factor', 'TWO_FACTOR_URL'],
    ['GET', '/v1/portals/demo/accounts/a1', 'IDENTITY_URL'],
    ['POST', '/v1/portals/demo/accounts/a1/unlock', 'ADMIN_POLICY_URL'],
    ['POST', '/v1/challenges/verify', 'TWO_FACTOR_URL'],
    ['GET', '/v1/portals/demo/events?limit=3', 'AUDIT_URL'],
  ])('takes %s %s to the app that serves it, as it came', async (method, path, name) => {
    const answer = await call(method, path, method === 'POST' ? { body: '{"a":1}' } : {});
    expect(await answer.json()).toMatchObject({ name, method, url: path, body: method === 'POST' ? '{"a":1}' : '' });
  });

  it("tells the app the caller's address, whatever the caller claims", async () => {
    const claims = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9' };
    const answer = await call('GET', '/v1/me', { headers: claims });
    expect(await answer.json()).toMatchObject({
      headers: { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' },
    });
  });

  it.each([
    ['x-forwarded-for', '192.0.2.1, 203.0.113.9:4711', '203.0.113.9', 'for=203.0.113.9'],
    ['x-forwarded-for', '::ffff:203.0.113.9, unknown', '127.0.0.1', 'for=127.0.0.1'],
    ['forwarded', 'for=192.0.2.1, for="[2001:DB8::9]:80"', '2001:db8::9', 'for="[2001:db8::9]"'],
  ])('tells the app whom a trusted proxy before it speaks for: %s: %s', async (header, said, address, node) => {
    const identity = upstreams.get('IDENTITY_URL')!;
    const IDENTITY_URL = `http://127.0.0.1:${(identity.address() as AddressInfo).port}`;
    const trusting = { PORT: '0', TRUST_PROXY: '127.0.0.0/8', TRUST_PROXY_HEADER: header, IDENTITY_URL };
    const front = await openGateway(readGatewaySettings(trusting), pino({ level: 'silent' }));
    try {
      const answer = await fetch(`${front.url}/v1/me`, { headers: { [header]: said } });
      expect(await answer.json()).toMatchObject({ headers: { 'x-forwarded-for': address, forwarded: node } });
    } finally {
      await front.close(0);
    }
  });

  it('passes a stream on while it comes', async () => {
    const answer = await call('GET', '/v1/portals/demo/events/stream');
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe('data: first\n\n');
    await reader.cancel();
  });

  it('passes lines on both ways while they come, whatever length was told of them', async () => {
    const outgoing = httpRequest(`${gateway.url}/v1/portals/demo/import`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'content-type': 'application/x-ndjson', 'content-length': '8' },
    });
    outgoing.write('one\n');
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const parts = answer.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
    let received = '';
    const readUntil = async (text: string) => {
      while (!received.endsWith(text)) received += (await parts.next()).value as string;
    };
    await readUntil('one\n');
    const headers = JSON.parse(received.slice(0, received.indexOf('\n'))) as Record<string, string>;
    expect(headers).toMatchObject({ 'transfer-encoding': 'chunked', 'x-forwarded-for': '127.0.0.1' });
    expect(headers).not.toHaveProperty('content-length');
    outgoing.end('two\n');
    await readUntil('two\n');
    expect((await parts.next()).done).toBe(true);
  });

  it('answers a refusal of lines while they are still being sent', async () => {
    const outgoing = httpRequest(`${gateway.url}/v1/portals/demo/import`, { method: 'POST' });
    outgoing.on('error', () => undefined);
    const sending = setInterval(() => outgoing.write('x'.repeat(10_000)), 5);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    clearInterval(sending);
    expect(answer.statusCode).toBe(401);
    outgoing.destroy();
  });

  it.each([
    ['/console/api/v1/portals/demo/events/export?format=csv', 'a length'],
    ['/console/api/v1/portals/demo/events/export?format=csv', 'chunks'],
    ['/v1/portals/demo/events', 'a length'],
    ['/v1/portals/demo/events', 'chunks'],
  ])('hides no second request in the body of GET %s that comes by %s', async (target, by) => {
    const asked: string[] = [];
    const audit = upstreams.get('AUDIT_URL')!;
    const note = ({ url }: IncomingMessage) => void asked.push(url!);
    audit.on('request', note);
    const hidden = 'POST /v1/hidden HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const framed =
      by === 'chunks'
        ? `Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
        : `Content-Length: ${hidden.length}\r\n\r\n${hidden}`;
    await raw(gateway.url, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${framed}`);
    // behind whatever the first one left on the connection to the app
    await (await call('GET', '/v1/portals/demo/events?after')).text();
    audit.off('request', note);
    expect(asked.filter((url) => url !== '/health/ready')).toEqual([
      target.replace('/console/api', ''),
      '/v1/portals/demo/events?after',
    ]);
  });

  it('answers what no contract knows itself', async () => {
    const answer = await call('GET', '/v1/nothing');
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'not-found']);
    expect((await call('GET', '/openapi.json')).status).toBe(200);
  });

  it('has metrics: its release, what it answered by route, and of its process', async () => {
    await call('GET', '/v1/portals/demo/accounts/a1');
    await call('GET', '/v1/nothing/of/the/kind');
    const metrics = async () => (await call('GET', '/metrics')).text();
    const answered = 'method="GET",route="/v1/portals/:portal/accounts/:account",status="200"';
    const text = await until('it is counted', async () => {
      const now = await metrics();
      return now.includes(`twinlock_http_request_duration_seconds_count{${answered}}`) && now;
    });
    expect(text).toContain(`twinlock_build_info{version="${version}",app="gateway"} 1`);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).not.toMatch(/a1|nothing/);
  });

  it('is ready when every app is, and answers 503 for an app that is away', async () => {
    expect((await call('GET', '/health/ready')).status).toBe(200);
    const audit = upstreams.get('AUDIT_URL')!;
    audit.closeAllConnections();
    audit.close();
    await once(audit, 'close');
    const ready = await call('GET', '/health/ready');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      {
        status: 'unavailable',
        apps: { identity: 'ok', 'two-factor': 'ok', 'admin-policy': 'ok', audit: 'unavailable', openid: 'ok' },
      },
    ]);
    const answer = await call('GET', '/v1/portals/demo/events');
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([
      503,
      '1',
      'application/problem+json',
    ]);
  });

  it.each(['POST', 'GET'])("tells the caller's address also where a %s says what it expects", async (method) => {
    const answer = await raw(
      gateway.url,
      `${method} /v1/me/password HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nX-Forwarded-For: 203.0.113.9\r\n` +
        'Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
    );
    if (method === 'POST') expect(answer).toContain('"x-forwarded-for":"127.0.0.1"');
    else expect(answer).toContain('method-not-allowed');
  });

  it('refuses a body over 64 KiB without sending it on', async () => {
    const answer = await call('POST', '/v1/login', { body: 'x'.repeat(65_537) });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([413, 'body-too-large']);
    const whole = await call('POST', '/v1/login', { body: 'x'.repeat(65_536) });
    expect(((await whole.json()) as { body: string }).body).toHaveLength(65_536);
  });

  it('refuses a setting that is no origin', () => {
    expect(() => readGatewaySettings({ AUDIT_URL: 'ftp://audit' })).toThrow(
      'AUDIT_URL must be a comma-separated list of http or https URLs',
    );
    expect(() => readGatewaySettings({ AUDIT_URL: 'http://audit/path' })).toThrow('AUDIT_URL must be an origin');
    expect(() => readGatewaySettings({ AUDIT_URL: 'http://a:1,b' })).toThrow(
      'AUDIT_URL must be a comma-separated list of http or https URLs',
    );
  });
});

describe('the gateway before several instances of an app', () => {
  const servers = new Map<string, Server>();
  const hits: string[] = [];
  /** How each instance takes a request; it answers its name unless told. */
  const behaviour = new Map<string, (response: ServerResponse) => void>();
  let gateway: Front;

  const begin = async (name: string, port = 0): Promise<number> => {
    const server = createServer((request, response) => {
      if (request.url === '/health/ready') return void response.writeHead(ready.has(name) ? 200 : 503).end();
      hits.push(name);
      // so that the next request makes a connection of its own
      response.setHeader('connection', 'close');
      request.resume().on('end', () => {
        const behave = behaviour.get(name) ?? ((answer: ServerResponse) => answer.end(JSON.stringify({ name })));
        behave(response);
      });
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    servers.set(name, server);
    return (server.address() as AddressInfo).port;
  };
  const end = async (name: string): Promise<void> => {
    const server = servers.get(name)!;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const ready = new Set(['one', 'two']);
  const ports = new Map<string, number>();
  const login = () => fetch(`${gateway.url}/v1/login`, { method: 'POST', body: '{"a":1}' });
  const served = async (times: number): Promise<string[]> => {
    const names: string[] = [];
    for (let time = 0; time < times; time++) names.push(((await (await login()).json()) as { name: string }).name);
    return names.sort();
  };

  beforeAll(async () => {
    for (const name of ready) ports.set(name, await begin(name));
    const IDENTITY_URL = [...ports.values()].map((port) => `http://127.0.0.1:${port}`).join(', ');
    gateway = await openGateway(readGatewaySettings({ IDENTITY_URL, PORT: '0' }), pino({ level: 'silent' }));
  });
  beforeEach(() => {
    hits.length = 0;
    behaviour.clear();
  });
  afterAll(async () => {
    await gateway.close();
    for (const name of servers.keys()) await end(name);
  });

  it('takes requests to them in turn', async () => {
    expect(await served(6)).toEqual(['one', 'one', 'one', 'two', 'two', 'two']);
  });

  it('takes a request to the other where one is gone, with its body, and comes back to it when it is there again', async () => {
    await end('one');
    expect(await served(4)).toEqual(['two', 'two', 'two', 'two']);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/^twinlock_gateway_unreached_total\{app="identity"\} [1-9]/m);
    expect(metrics).toContain('twinlock_gateway_instances{app="identity",ready="no"} 1');
    expect(metrics).toContain('twinlock_gateway_instances{app="identity",ready="yes"} 1');
    await begin('one', ports.get('one'));
    await until('it is used again', async () => (await served(2)).includes('one'));
  });

  it('prefers those that are ready', async () => {
    ready.delete('two');
    await until('it has looked', async () => (await served(4)).every((name) => name === 'one'));
    ready.delete('one');
    await until('it takes what there is', async () => (await served(4)).includes('two'));
    ready.add('one').add('two');
  });

  it('sends no change twice once it may have arrived, and a question again', async () => {
    behaviour.set('one', (response) => response.destroy());
    behaviour.set('two', (response) => response.destroy());
    const answer = await login();
    expect([answer.status, answer.headers.get('retry-after'), hits.length]).toEqual([503, '1', 1]);
    behaviour.delete('two');
    for (let time = 0; time < 2; time++) expect((await fetch(`${gateway.url}/v1/me`)).status).toBe(200);
  });
});

/** What comes back for these bytes, until the connection ends. */
async function raw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.write(request);
  await once(socket, 'close');
  return text;
}
