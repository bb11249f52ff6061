import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProblemError } from '../problem-error.js';
import { TransportError } from '../transport-error.js';
import { isProblem, Twinlock, type TwinlockOptions } from './twinlock.js';

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void;
let server: Server;
let requests: (IncomingMessage & { text: string })[];
let answers: Handler[];
beforeEach(async () => {
  [requests, answers] = [[], []];
  server = createServer((incoming, response) => {
    const request = Object.assign(incoming, { text: '' });
    incoming.setEncoding('utf8').on('data', (part: string) => (request.text += part));
    incoming.on('end', () => {
      requests.push(request);
      (answers.length > 1 ? answers.shift()! : answers[0]!)(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const urlOf = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const client = (options: Partial<TwinlockOptions> = {}) => new Twinlock({ url: urlOf(), token: 'svc_1', ...options });
const json =
  (status: number, body: object, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
  };
const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Handler =>
  json(
    status,
    { type: `urn:twinlock:problem:${code}`, title: code, status, code, detail: `${code}.`, ...more },
    headers,
  );
const away = problem(503, 'unavailable', {}, { 'retry-after': '0' });
const broken: Handler = (request) => request.socket.destroy();

describe('a call', () => {
  it('puts each member where the contract has it', async () => {
    answers = [json(200, { id: 'a1' })];
    const account = { username: 'ada', type: 'contributor', externalId: 'u/1' } as const;
    await client().registerAccount({ portal: 'acme', ...account });
    await client().listAccounts({ portal: 'acme', id: ['x', 'y'], limit: 3 });
    await client().getAccount({ portal: 'acme', account: 'external:a/../b' });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v1/portals/acme/accounts',
      'GET /v1/portals/acme/accounts?id=x&id=y&limit=3',
      'GET /v1/portals/acme/accounts/external%3Aa%2F..%2Fb',
    ]);
    expect(JSON.parse(requests[0]!.text)).toEqual(account);
    expect(requests[0]!.headers.authorization).toBe('Bearer svc_1');
  });

  it.each(['', '.', '..'])('names nothing by %j in a path', async (account) => {
    await expect(client().getAccount({ portal: 'acme', account })).rejects.toThrow(TypeError);
    expect(requests).toEqual([]);
  });

  it('passes on the ids of request and trace, and makes those that are not given', async () => {
    answers = [json(200, {})];
    const requestId = '5f0c7a7e-3b1f-4d4c-9d0e-0b6f3d1c2a55';
    await client().me({}, { requestId, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    await client().me();
    expect(requests[0]!.headers).toMatchObject({
      'x-request-id': requestId,
      traceparent: expect.stringMatching(/^00-0af/),
    });
    expect(requests[1]!.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('asks for the token at each try, and never tells it', async () => {
    answers = [away, json(200, {})];
    const tokens = ['first', 'second'];
    await client({ token: () => tokens.shift() }).me();
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
    const error: unknown = await client({ token: 'secret\nsecret' })
      .me()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).not.toContain('secret');
  });
});

describe('a problem', () => {
  it('is thrown with all that it says', async () => {
    answers = [problem(401, 'wrong-code', { attemptsLeft: 2, requestId: 'r' }, { 'x-request-id': 'r' })];
    const error: unknown = await client()
      .verifyChallenge({ challenge: 'c', code: '1' })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'wrong-code', status: 401, attemptsLeft: 2, requestId: 'r', errors: [] });
    expect([isProblem(error), isProblem(error, 'verifyChallenge'), isProblem(error, 'me')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is not what a proxy says', async () => {
    answers = [(_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>')];
    await expect(client().me()).rejects.toMatchObject({ name: 'TransportError', reason: 'not-twinlock' });
  });

  it('or success is not looked for where a redirection leads', async () => {
    answers = [(_, response) => response.writeHead(307, { location: '/v1/me' }).end()];
    await expect(client({ retries: 0 }).verifyChallenge({ challenge: 'c', code: '1' })).rejects.toThrow(TransportError);
    expect(requests).toHaveLength(1);
  });
});

describe('what is tried again', () => {
  const unit = { portal: 'acme', username: 'ada', type: 'contributor' } as const;
  it.each([
    ['a challenge', 3, () => client().openChallenge({ portal: 'acme', accountId: 'a' })],
    ['a suspension', 3, () => client().suspendAccount({ portal: 'acme', account: 'a' })],
    ['a registration by an id of ones own', 3, () => client().registerAccount({ ...unit, externalId: '1' })],
    ['no registration without', 1, () => client().registerAccount(unit)],
    ['nor with a password', 1, () => client().registerAccount({ ...unit, externalId: '1', password: 'long enough' })],
    ['never a code', 1, () => client().verifyChallenge({ challenge: 'c', code: '1' })],
    ['nor a login', 1, () => client().login({ portal: 'acme', username: 'ada', password: 'p' })],
    ['as often as told', 1, () => client({ retries: 0 }).me()],
  ] as const)('%s: %i times', async (_, times, call) => {
    for (const refusal of [away, broken]) {
      [requests, answers] = [[], [refusal]];
      await expect(call()).rejects.toThrow(refusal === away ? ProblemError : TransportError);
      expect(requests).toHaveLength(times);
    }
  });

  it('nothing that is refused for good, nor after a longer wait than a client has', async () => {
    for (const refusal of [problem(404, 'not-found'), problem(503, 'unavailable', {}, { 'retry-after': '3600' })]) {
      [requests, answers] = [[], [refusal]];
      await expect(client().me()).rejects.toThrow(ProblemError);
      expect(requests).toHaveLength(1);
    }
  });

  it('until the time is over, or the caller ends it', async () => {
    answers = [() => {}];
    await expect(client({ timeoutMs: 50, retries: 1 }).me()).rejects.toMatchObject({ reason: 'timeout' });
    expect(requests).toHaveLength(2);
    const [ending, reason] = [new AbortController(), new Error('enough')];
    setTimeout(() => ending.abort(reason), 50);
    await expect(client().me({}, { signal: ending.signal })).rejects.toBe(reason);
  });
});

describe('a stream', () => {
  it('gives what it has, and says that it broke off', async () => {
    answers = [
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' }).write('{"id":"1"}\n{"id":"2"}\n{"i');
        setTimeout(() => response.destroy(), 20);
      },
    ];
    const ids: string[] = [];
    const reading = async () => {
      for await (const { id } of client().exportEvents({ portal: 'acme', format: 'ndjson' })) ids.push(id);
    };
    await expect(reading()).rejects.toMatchObject({ name: 'TransportError', reason: 'network' });
    expect(ids).toEqual(['1', '2']);
  });
});

it('lines are sent as values, or as the text that they are', async () => {
  answers = [
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.end('{"line":1,"outcome":"created"}\n{"line":2,"outcome":"refused"}\n');
    },
  ];
  const outcomes: string[] = [];
  for await (const { outcome } of client().importAccounts({ portal: 'acme' }, [{ username: 'ada' }, '{"username":']))
    outcomes.push(outcome);
  expect(requests[0]!.text).toBe('{"username":"ada"}\n{"username":\n');
  expect(outcomes).toEqual(['created', 'refused']);
});

it.each([{ url: 'ftp://x' }, { url: 'http://user:pass@x' }, { url: 'x' }, { timeoutMs: 0 }, { retries: -1 }])(
  'a client of %j cannot be made',
  (options) => expect(() => client(options)).toThrow(TypeError),
);
