import { connect } from 'node:net';
import { once } from 'node:events';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { tokenHash } from '#libs/secrets/src/tokens.js';
import { eventually } from '#libs/messaging/src/testing/eventually.js';
import { auditHeads } from './maintain/maintenance.js';
import { MOST_OF_A_PORTAL } from './stream/open-streams.js';
import { RunningAudit } from './testing/running-audit.js';

let audit: RunningAudit;
beforeAll(async () => {
  audit = await RunningAudit.start(300);
});
afterAll(() => audit.close());

const read = async (account: string, count: number): Promise<RecordedEvent[]> => {
  await eventually(async () => expect(await audit.events(`?account=${account}&limit=200`)).toHaveLength(count), 1_000);
  return audit.events(`?account=${account}&limit=200`);
};

/** An open stream of Server-Sent Events, read message by message. */
class Stream {
  private text = '';
  private constructor(
    readonly response: Response,
    private readonly reader: ReadableStreamDefaultReader<string>,
    readonly hangUp: AbortController,
  ) {}

  static async open(path = '', options: { token?: string; headers?: Record<string, string> } = {}): Promise<Stream> {
    const hangUp = new AbortController();
    const response = await audit.get(`/stream${path}`, { ...options, signal: hangUp.signal });
    expect(response.status).toBe(200);
    return new Stream(response, response.body!.pipeThrough(new TextDecoderStream()).getReader(), hangUp);
  }

  /** The next event and its id; null when the stream has ended. */
  async next(): Promise<{ id: string; event: RecordedEvent } | null> {
    for (;;) {
      const end = this.text.indexOf('\n\n');
      if (end >= 0) {
        const message = this.text.slice(0, end);
        this.text = this.text.slice(end + 2);
        const data = /^data: (.*)$/m.exec(message)?.[1];
        if (data === undefined) continue;
        return { id: /^id: (.*)$/m.exec(message)?.[1] ?? '', event: JSON.parse(data) as RecordedEvent };
      }
      const { done, value } = await this.reader.read();
      if (done) return null;
      this.text += value;
    }
  }
}

describe('an event', () => {
  it('can be read within a second of its record, and its stream can be checked', async () => {
    await audit.record('read', 3);
    const events = await read('read', 3);
    expect(events.map(({ streamVersion }) => streamVersion)).toEqual([1, 2, 3]);
    expect(events[2]?.previousHash).toBe(events[1]?.hash);
  });

  it('leaves the head of its stream for who verifies the log', async () => {
    await audit.record('seen', 2);
    const last = (await read('seen', 2)).at(-1);
    const heads = [];
    for await (const head of auditHeads(audit.audit)) heads.push(head);
    expect(heads).toContainEqual({ source: 'two-factor', stream: 'demo/seen', version: 2, hash: last?.hash });
  });

  it('is shown to administrators and to tools of scope events, to nobody else', async () => {
    expect((await audit.get('', { token: audit.serviceToken })).status).toBe(200);
    expect((await audit.get('', { token: 'nobody' })).status).toBe(401);
    expect((await audit.get('/stream', { token: 'nobody' })).status).toBe(401);
    expect((await audit.get('/export?format=csv', { token: 'nobody' })).status).toBe(401);
  });

  it.each([
    '?after=x',
    '?limit=0',
    '?limit=201',
    '?from=yesterday',
    '?colour=red',
    '?order=random',
    '?correlationId=',
    '?correlationId=a&correlationId=b',
    '?actor=a%20b',
    '?id=',
    `?${Array.from({ length: 201 }, (_, index) => `id=${index}`).join('&')}`,
    '/stream?order=newest',
    '/stream?id=1',
    '/export?format=csv&order=first',
    '/export?format=xml',
    '/stream?from=1',
  ])('is not shown for a malformed question: %s', async (question) => {
    const response = await audit.get(question);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'malformed-request' });
  });
});

describe('a question', () => {
  beforeAll(async () => {
    await audit.record('asked', 3);
    await audit.record('asked-too', 2);
    await Promise.all([read('asked', 3), read('asked-too', 2)]);
  });

  it('may name an actor, several types and several ids', async () => {
    const mine = await audit.events('?account=asked');
    const others = await audit.events('?account=asked-too');
    expect(await audit.events('?actor=asked')).toEqual(mine);
    const type = mine[0]?.type;
    expect(await audit.events(`?type=${type}&type=identity.logged-out.v1&actor=asked`)).toEqual(mine);
    expect(await audit.events('?type=identity.logged-out.v1&actor=asked')).toEqual([]);
    const wanted = [mine[2]!, others[0]!];
    expect(await audit.events(`?${wanted.map(({ id }) => `id=${id}`).join('&')}&id=none`)).toEqual(wanted);
    expect(await audit.events(`?id=${mine[2]?.id}&account=asked-too`)).toEqual([]);
  });

  it('may ask for the newest first, as a list or as a download', async () => {
    const mine = (await audit.events('?account=asked')).reverse();
    expect(await audit.events('?account=asked&order=newest')).toEqual(mine);
    const text = await (await audit.get('/export?format=ndjson&account=asked&order=newest')).text();
    expect(text.trimEnd().split('\n')).toEqual(mine.map((event) => expect.stringContaining(event.hash)));
  });

  it('goes on in the order that it began in alone', async () => {
    const { next } = (await (await audit.get('?limit=1&order=newest')).json()) as { next: string };
    expect((await audit.get(`?limit=1&order=newest&after=${next}`)).status).toBe(200);
    const refused = await audit.get(`?limit=1&after=${next}`);
    expect([refused.status, await refused.json()]).toMatchObject([400, { errors: [{ field: 'after' }] }]);
  });

  it('of a live stream may name an actor', async () => {
    const stream = await Stream.open('?actor=acting');
    await audit.record('other');
    await audit.record('acting');
    expect(await stream.next()).toMatchObject({ event: { account: 'acting' } });
    stream.hangUp.abort();
  });
});

describe('a live stream', () => {
  it('tells what happens, of the account that was asked for', async () => {
    const stream = await Stream.open('?account=live');
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await audit.record('other');
    await audit.record('live');
    expect(await stream.next()).toMatchObject({ event: { account: 'live', streamVersion: 1 } });
    stream.hangUp.abort();
  });

  it('goes on after Last-Event-ID', async () => {
    const first = await Stream.open('?account=resumed');
    await audit.record('resumed', 2);
    const one = await first.next();
    first.hangUp.abort();
    await audit.record('resumed');
    const second = await Stream.open('?account=resumed', { headers: { 'last-event-id': one!.id } });
    const versions = [await second.next(), await second.next()].map((next) => next?.event.streamVersion);
    expect(versions).toEqual([2, 3]);
    second.hangUp.abort();
  });

  it('ends within a second when the session has ended, or the token is revoked', async () => {
    const streams = [await Stream.open(), await Stream.open('', { token: audit.serviceToken })];
    const known = new Map(audit.callers);
    audit.callers.set(tokenHash(audit.token), { status: 'ended' });
    audit.callers.delete(tokenHash(audit.serviceToken));
    const began = performance.now();
    expect(await streams[0]!.next()).toBeNull();
    expect(performance.now() - began).toBeLessThan(1_000);
    // a service token may be remembered for a second
    expect(await streams[1]!.next()).toBeNull();
    for (const [hash, reply] of known) audit.callers.set(hash, reply);
  });

  it('is refused when the portal has a hundred open', async () => {
    await eventually(() => expect(audit.openStreams()).toBe(0));
    const streams = await Promise.all(Array.from({ length: MOST_OF_A_PORTAL }, () => Stream.open()));
    const refused = await audit.get('/stream');
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
      503,
      '5',
      { code: 'unavailable' },
    ]);
    expect((await audit.get('/export?format=csv')).status).toBe(503);
    for (const { hangUp } of streams) hangUp.abort();
    await eventually(() => expect(audit.openStreams()).toBe(0));
    (await Stream.open()).hangUp.abort();
  });

  it('holds nothing when its client has gone', async () => {
    await eventually(() => expect(audit.openStreams()).toBe(0));
    const stream = await Stream.open();
    expect(audit.openStreams()).toBe(1);
    stream.hangUp.abort();
    await eventually(() => expect(audit.openStreams()).toBe(0));
  });
});

describe('an export', () => {
  beforeAll(async () => {
    await audit.record('exported', 3);
    await read('exported', 3);
  });

  it('is NDJSON, an event per line as the list has it', async () => {
    const response = await audit.get('/export?format=ndjson&account=exported');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="events-demo.ndjson"');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(await audit.events('?account=exported'));
  });

  it('is CSV with a header', async () => {
    const response = await audit.get('/export?format=csv&account=exported');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const rows = (await response.text()).trimEnd().split('\r\n');
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^id,time,type,.*,accountName,actorName$/);
    expect(rows.slice(1).every((row) => row.endsWith(',name of exported,name of exported'))).toBe(true);
  });

  it('of nothing is an empty file', async () => {
    expect(await (await audit.get('/export?format=ndjson&account=nobody')).text()).toBe('');
    expect((await (await audit.get('/export?format=csv&account=nobody')).text()).trimEnd().split('\r\n')).toHaveLength(
      1,
    );
  });

  it('is only made as fast as it is taken, and cut off when nobody takes it', async () => {
    for (let i = 0; i < 60; i++) await audit.record('long', 250);
    await eventually(async () => {
      const [last] = await audit.events('?account=long&limit=1&order=newest');
      expect(last?.streamVersion).toBe(60 * 250);
    });
    const { port } = new URL(audit.url);
    const slow = connect(Number(port), '127.0.0.1');
    await once(slow, 'connect');
    slow.pause();
    slow.write(
      `GET /v1/portals/demo/events/export?format=ndjson HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${audit.token}\r\n\r\n`,
    );
    await eventually(() => expect(audit.openStreams()).toBe(1));
    await eventually(() => expect(audit.openStreams()).toBe(0));
    let text = '';
    slow.setEncoding('latin1').on('data', (part: string) => (text += part));
    slow.resume();
    await once(slow, 'close');
    expect(text.startsWith('HTTP/1.1 200 OK\r\n')).toBe(true);
    expect(text.endsWith('0\r\n\r\n')).toBe(false);
  });
});
