import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { anEvent } from '#libs/contracts/src/testing/events.js';
import { hashOf, headOf, writeHead } from './chain.js';
import { follow, type Handle, type Positions } from './follow.js';
import { type HttpSourceOptions, overHttp } from './http.js';

/** So many events of one stream, chained. */
function chain(length: number): ReadableEvent[] {
  const events: ReadableEvent[] = [];
  for (let version = 1; version <= length; version += 1) {
    const previousHash = events.at(-1)?.hash ?? '0'.repeat(64);
    const event: ReadableEvent = anEvent({ id: `e.${version}`, account: 'a1', streamVersion: version, previousHash });
    events.push({ ...event, hash: hashOf(event), plain: { origin: { address: '192.0.2.7' } } });
  }
  return events;
}
const message = (event: ReadableEvent) =>
  `id: c${event.streamVersion}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

let asked: IncomingMessage[];
/** What a connection gets, by its number. */
let answers: ((response: ServerResponse) => void)[];
const server = createServer((request, response) => {
  asked.push(request);
  answers[Math.min(asked.length, answers.length) - 1]!(response);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});
const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const ending = (text: string) => (response: ServerResponse) => stream(response).end(text);
const hanging = (text: string) => (response: ServerResponse) => stream(response).write(text);

const inMemory = (kept = new Map<string, string>()): Positions => ({
  load: (key) => kept.get(key),
  save: (position) => Object.entries(position).forEach(([key, value]) => kept.set(key, value)),
});
interface Options extends Partial<Omit<HttpSourceOptions, 'url' | 'token' | 'portal'>> {
  positions?: Positions;
  handle?: Handle;
  abortAfterMs?: number;
  enough: number;
}
/** Versions of the events that were handled. */
async function followed({
  positions = inMemory(),
  handle,
  enough,
  abortAfterMs = 0,
  ...options
}: Options): Promise<number[]> {
  const { port } = server.address() as AddressInfo;
  const source = overHttp({
    url: `http://127.0.0.1:${port}`,
    token: 't',
    portal: 'demo',
    silenceMs: 300,
    ...options,
  });
  const stop = new AbortController();
  const versions: number[] = [];
  await follow(source, {
    positions,
    signal: stop.signal,
    handle: async (event, save) => {
      await handle?.(event, save);
      versions.push(event.streamVersion);
      if (versions.length === enough) setTimeout(() => stop.abort(), abortAfterMs);
    },
  });
  return versions;
}

const [one, two, three] = chain(3) as [ReadableEvent, ReadableEvent, ReadableEvent];

it('goes on after what was handled, when the connection ends or is silent', async () => {
  answers = [ending(message(one)), hanging(message(two)), hanging(message(three))];
  expect(await followed({ enough: 3 })).toEqual([1, 2, 3]);
  expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'c1', 'c2']);
});

it('passes over what was handled before, also by a process before', async () => {
  const positions = inMemory();
  answers = [hanging(message(one) + message(two))];
  await followed({ positions, enough: 2 });
  answers = [hanging(message(one) + message(two) + message(two) + message(three))];
  expect(await followed({ positions, enough: 1 })).toEqual([3]);
  expect(asked[1]!.headers['last-event-id']).toBe('c2');
});

it('ends with its signal, whatever the garbage collector has taken away', async () => {
  answers = [hanging(message(one))];
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const handle = async () => {
    for (let turn = 0; turn < 5; turn += 1)
      await new Promise<void>((resolve) => setImmediate(() => (collect(), resolve())));
  };
  // in time before silence ends the connection
  expect(
    await Promise.race([
      followed({ enough: 1, handle, silenceMs: 60_000, abortAfterMs: 100 }),
      pause(30_000, 'late', { ref: false }),
    ]),
  ).toEqual([1]);
});

it('an event whose handler fails is not kept as handled', async () => {
  const positions = inMemory();
  answers = [hanging(message(one) + message(two))];
  const handle = ({ streamVersion }: ReadableEvent) => {
    if (streamVersion === 2) throw new Error('the disk is full');
  };
  await expect(followed({ positions, handle, enough: 9 })).rejects.toThrow('the disk is full');
  expect(await followed({ positions, enough: 1 })).toEqual([2]);
});

const changed = { ...two, data: { what: 'else' } };
const other = { ...two, actor: { kind: 'operator' as const } };
const others = { ...two, previousHash: '1'.repeat(64) };
it.each([
  ['was changed', [one, changed], { fault: 'changed', place: 'c2' }],
  ['is missing', [one, three], { fault: 'missing', place: 'c3' }],
  ['is missing at the beginning', [two], { fault: 'missing', place: 'c2' }],
  ['is of another chain', [one, { ...others, hash: hashOf(others) }], { fault: 'not-chained', place: 'c2' }],
  ['comes again as another', [one, two, { ...other, hash: hashOf(other) }], { fault: 'not-chained', place: 'c2' }],
])('an event that %s ends it', async (_what, events, error) => {
  answers = [hanging(events.map(message).join(''))];
  await expect(followed({ enough: 9 })).rejects.toMatchObject({ name: 'BrokenChainError', ...error });
});

it('what is no event ends it, and the fault has nothing of it', async () => {
  answers = [hanging('id: c1\ndata: {"secret":1}\n\n')];
  await expect(followed({ enough: 9 })).rejects.toThrow('what was read is not an event (at c1)');
});

it('from a time on a stream begins with any event, and has no gap after it', async () => {
  const from = two.time;
  answers = [hanging(message(two) + message(three))];
  expect(await followed({ from, enough: 2 })).toEqual([2, 3]);
  answers = [hanging(message(one) + message(three))];
  await expect(followed({ from, enough: 9 })).rejects.toMatchObject({ fault: 'missing' });
});

it('from now on a stream begins where the product is, and where it was when nothing had come before the connection ended', async () => {
  const began = 'Tue, 24 Nov 2026 09:30:00 GMT';
  answers = [
    (response) => response.writeHead(200, { 'content-type': 'text/event-stream', date: began }).end(': here\n\n'),
    hanging(message(two)),
  ];
  const told: unknown[] = [];
  const onConnected = () => told.push('connected');
  const onDisconnected = (reason?: Error) => told.push(reason);
  expect(await followed({ from: 'now', enough: 1, onConnected, onDisconnected })).toEqual([2]);
  const froms = asked.map(({ url }) => new URL(url!, 'http://x').searchParams.get('from'));
  expect(froms).toEqual([null, '2026-11-24T09:30:00.000Z']);
  expect(told).toEqual(['connected', undefined, 'connected']);
});

it('a consumer that does not want to connect again throws', async () => {
  answers = [(response) => response.destroy()];
  const onDisconnected = (reason?: Error) => {
    throw reason ?? new Error('ended');
  };
  await expect(followed({ enough: 1, onDisconnected })).rejects.toMatchObject({ reason: 'network' });
  expect(asked).toHaveLength(1);
});

it.each(['correlationId', 'actor'])('events of one %s are asked for, and may have gaps', async (name) => {
  answers = [hanging(message(one) + message(three))];
  expect(await followed({ [name]: 'x1', enough: 2 })).toEqual([1, 3]);
  expect(asked[0]!.url).toContain(`${name}=x1`);
});

it('with some types alone, what stands between them is not missed, and what was changed is found', async () => {
  answers = [hanging(message(one) + message(three))];
  expect(await followed({ types: [one.type], enough: 2 })).toEqual([1, 3]);
  answers = [hanging(message(changed))];
  await expect(followed({ types: [one.type], enough: 9 })).rejects.toMatchObject({ fault: 'changed' });
});

it('a refusal ends it; an outage does not', async () => {
  const problem = (status: number, code: string) => (response: ServerResponse) =>
    response
      .writeHead(status, { 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ status, code, title: code, detail: code, type: `urn:twinlock:problem:${code}` }));
  answers = [
    problem(503, 'unavailable'),
    (response) => response.writeHead(502).end('bad gateway'),
    problem(403, 'forbidden'),
  ];
  await expect(followed({ enough: 9 })).rejects.toMatchObject({ name: 'ProblemError', code: 'forbidden' });
  expect(asked).toHaveLength(3);
});

it('what another process of the group has handled meanwhile is not missed here, and it goes on after it', async () => {
  const kept = new Map<string, string>();
  const [first, , third, fourth] = chain(4);
  const handled: number[] = [];
  await follow(
    {
      coverage: 'all',
      read: async ({ take }) => {
        await take({ event: first!, place: 'topic 0' });
        kept.set([...kept.keys()][0]!, writeHead(headOf(third!)));
        await take({ event: fourth!, place: 'topic 3' });
      },
    },
    { positions: inMemory(kept), handle: ({ streamVersion }) => void handled.push(streamVersion) },
  );
  expect(handled).toEqual([1, 4]);
});
