import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import { endpoints } from '#libs/contracts/src/http/endpoints.js';
import { type Front, openFront } from './front.js';

/** Answers when the whole body is here. */
async function whole(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    for await (const _ of request) void _;
    response.end('whole');
  } catch {
    response.destroy();
  }
}

let front: Front;
beforeAll(async () => {
  front = await openFront({
    host: '127.0.0.1',
    port: 0,
    endpoints,
    handlers: new Map([['identity', (request, response) => void whole(request, response)]]),
    logger: pino({ level: 'silent' }),
    pages: {},
    bodyTimeoutMs: 200,
  });
});
afterAll(() => front.close(0));

/** What comes back while a byte of the body is sent every 20 ms. */
async function dripped(head: string, forMs: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(front.url).port) });
  let received = '';
  socket.on('data', (part: Buffer) => (received += part.toString()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`${head}\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const dripping = setInterval(() => socket.writable && socket.write('1\r\nx\r\n'), 20);
  const late = setTimeout(() => socket.destroy(), forMs);
  await once(socket, 'close');
  clearInterval(dripping);
  clearTimeout(late);
  return received;
}

it('a body that does not arrive in time is refused, however steadily it comes', async () => {
  const answer = await dripped('POST /v1/login HTTP/1.1', 10_000);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('The request did not arrive in time.');
});

it('a body in time is answered, and the connection goes on', async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    const answer = await fetch(`${front.url}/v1/login`, { method: 'POST', body: '{}' });
    expect(await answer.text()).toBe('whole');
  }
});

it('a body of lines may take as long as it likes, and is the last of its connection', async () => {
  expect(await dripped('POST /v1/portals/demo/import HTTP/1.1', 600)).toBe('');
  const answer = await fetch(`${front.url}/v1/portals/demo/import`, { method: 'POST', body: 'x\n' });
  expect(answer.headers.get('connection')).toBe('close');
});
