import { get, request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { TrustedProxies } from '../http/client-address.js';
import { openSampleFront, tokens } from '../testing/sample-front.js';

describe('the front', () => {
  it('has health, metrics, the OpenAPI and the AsyncAPI document beside the calls', async () => {
    const front = await openSampleFront();
    try {
      const page = async (path: string) => {
        const response = await fetch(front.url + path);
        return { status: response.status, text: await response.text() };
      };
      await expect(page('/health/live')).resolves.toEqual({ status: 200, text: '{"status":"ok"}' });
      await expect(page('/health/ready')).resolves.toEqual({
        status: 200,
        text: '{"status":"ok","apps":{"identity":"ok"}}',
      });
      expect(JSON.parse((await page('/openapi.json?x=1')).text)).toHaveProperty([
        'paths',
        '/v1/portals/{portal}/things',
      ]);
      expect(JSON.parse((await page('/asyncapi.json')).text)).toHaveProperty(['channels', 'identity.events']);
      await fetch(`${front.url}/v1/address`);
      expect((await page('/metrics')).text).toContain(
        'twinlock_http_request_duration_seconds_count{method="GET",route="/v1/address",status="200"} 1',
      );
    } finally {
      await front.close();
    }
  });

  it('believes the proxies it is told of, in the header that they use, and nobody else', async () => {
    const addressAt = async (
      networks: string[],
      said: string,
      header: TrustedProxies['header'] = 'x-forwarded-for',
    ) => {
      const front = await openSampleFront({ trustProxy: { networks, header } });
      try {
        const response = await fetch(`${front.url}/v1/address`, { headers: { [header]: said } });
        return ((await response.json()) as { address: string }).address;
      } finally {
        await front.close();
      }
    };
    await expect(addressAt(['127.0.0.0/8'], '203.0.113.9')).resolves.toBe('203.0.113.9');
    await expect(addressAt(['127.0.0.0/8'], '198.51.100.1, 203.0.113.9')).resolves.toBe('203.0.113.9');
    await expect(addressAt(['127.0.0.0/8'], '::ffff:203.0.113.9')).resolves.toBe('203.0.113.9');
    await expect(addressAt(['127.0.0.0/8'], '"[2001:DB8::1]:80"')).resolves.toBe('2001:db8::1');
    await expect(addressAt(['127.0.0.0/8'], '198.51.100.1, unknown')).resolves.toBe('127.0.0.1');
    await expect(addressAt(['127.0.0.0/8'], 'for=x, for="203.0.113.9:80"', 'forwarded')).resolves.toBe('203.0.113.9');
    await expect(addressAt(['10.0.0.0/8'], '203.0.113.9')).resolves.toBe('127.0.0.1');
  });

  it('logs no request that was answered unless asked, and each that it failed', async () => {
    const front = await openSampleFront({}, 'info');
    await fetch(`${front.url}/v1/address`);
    await fetch(`${front.url}/v1/mine`, { headers: { authorization: `Bearer ${tokens.ended}` } });
    await fetch(`${front.url}/v1/fail/store`, { method: 'POST' });
    await front.close();
    const statuses = [...front.log().matchAll(/"status":(\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['503']);
  });

  it('finishes what it has begun, ends streams, and takes nothing new', async () => {
    const front = await openSampleFront();
    const stream = get(`${front.url}/v1/stream`);
    const streamed = ((await once(stream, 'response')) as [IncomingMessage])[0];
    await once(streamed, 'data');

    // begun: its headers are there, its body is not
    const slow = request(`${front.url}/v1/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', expect: '100-continue' },
    });
    slow.flushHeaders();
    await once(slow, 'continue');

    const streamEnded = once(streamed, 'error');
    const closed = front.closeFront();
    await streamEnded;
    await expect(fetch(`${front.url}/v1/address`)).rejects.toThrow();
    slow.end('{"text":"late"}');
    const [answer] = (await once(slow, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
    await closed;
    await front.close();
  });
});
