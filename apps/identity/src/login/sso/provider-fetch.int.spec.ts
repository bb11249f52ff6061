import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { providerFetch } from './provider-fetch.js';

const WITHIN_MS = 400;
const fetch = providerFetch({ loopbackAllowed: true, withinMs: WITHIN_MS });
let server: Server;
let answer: RequestListener;
let url: string;
let timers: NodeJS.Timeout[];

beforeEach(async () => {
  timers = [];
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  for (const timer of timers) clearInterval(timer);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const ask = () => fetch(url, { method: 'GET', headers: {} });

describe('a provider', () => {
  it.each<[string, RequestListener]>([
    ['does not answer', () => undefined],
    ['sends headers and then nothing', (_, response) => response.writeHead(200).flushHeaders()],
    [
      'announces an answer and then sends none',
      (_, response) => response.writeHead(200, { 'content-length': 10 }).flushHeaders(),
    ],
    [
      'sends a byte now and then',
      (_, response) => void timers.push(setInterval(() => response.write('x'), WITHIN_MS / 10)),
    ],
  ])('that %s is given up in time, and hung up on', async (_, reply) => {
    const hungUp = new Promise<void>((resolve) => {
      answer = (request, response) => {
        request.socket.once('close', () => resolve());
        reply(request, response);
      };
    });
    const begun = performance.now();
    await expect(ask()).rejects.toThrow('it took too long');
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(WITHIN_MS - 20);
    expect(took).toBeLessThan(WITHIN_MS * 4);
    await hungUp;
  });

  it.each<[string, RequestListener]>([
    ['before it answers', (request) => request.socket.destroy()],
    [
      'in the middle of an answer',
      (request, response) => {
        response.writeHead(200, { 'content-length': 10 }).write('12345', () => request.socket.destroy());
      },
    ],
    [
      'in the middle of an answer of unknown length',
      (request, response) => void response.write('12345', () => request.socket.destroy()),
    ],
  ])('that hangs up %s has failed at once', async (_, reply) => {
    answer = reply;
    const begun = performance.now();
    await expect(ask()).rejects.toThrow(/hang up|aborted|no end/);
    expect(performance.now() - begun).toBeLessThan(WITHIN_MS);
  });

  it('that answers in time is heard', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1}');
    await expect((await ask()).json()).resolves.toEqual({ a: 1 });
  });
});
