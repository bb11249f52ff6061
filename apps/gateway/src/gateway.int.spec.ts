import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { Front } from '#libs/platform/src/http/front.js';
import { openGateway } from './gateway.js';
import { readGatewaySettings } from './settings.js';

const names = ['IDENTITY_URL', 'TWO_FACTOR_URL', 'ADMIN_POLICY_URL', 'AUDIT_URL'] as const;

/** A stand-in for each app that answers with its own name and what it was asked. */
async function startUpstream(name: string): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/health/ready') return void response.end('{}');
    if (request.url?.endsWith('/stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.write('data: first\n\n');
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

  it("tells the app the caller's address last, whatever the caller claims", async () => {
    const answer = await call('GET', '/v1/me', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    const { headers } = (await answer.json()) as { headers: Record<string, string> };
    expect(headers['x-forwarded-for']?.split(',').at(-1)?.trim()).toMatch(/127\.0\.0\.1$/);
  });

  it('passes a stream on while it comes', async () => {
    const answer = await call('GET', '/v1/portals/demo/events/stream');
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe('data: first\n\n');
    await reader.cancel();
  });

  it('answers what no contract knows itself', async () => {
    const answer = await call('GET', '/v1/nothing');
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'not-found']);
    expect((await call('GET', '/openapi.json')).status).toBe(200);
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
        apps: { identity: 'ok', 'two-factor': 'ok', 'admin-policy': 'ok', audit: 'unavailable' },
      },
    ]);
    const answer = await call('GET', '/v1/portals/demo/events');
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([
      503,
      '1',
      'application/problem+json',
    ]);
  });

  it('refuses a setting that is no origin', () => {
    expect(() => readGatewaySettings({ AUDIT_URL: 'ftp://audit' })).toThrow('AUDIT_URL must be an http or https URL');
    expect(() => readGatewaySettings({ AUDIT_URL: 'http://audit/path' })).toThrow('AUDIT_URL must be an origin');
  });
});
