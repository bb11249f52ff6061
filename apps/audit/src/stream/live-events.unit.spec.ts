import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import type { Filter } from '../query/filter.js';
import { AuditParts } from '../testing/audit-parts.js';
import { RecordedStream } from '../testing/recorded.js';
import { LiveEvents } from './live-events.js';

function parts() {
  const engine = new MemoryEngine();
  const audit = new AuditParts(engine);
  return { audit, live: new LiveEvents(audit.reader, audit.trail, audit.arrivals, audit.opened, engine) };
}

/** A client: takes so many messages, then goes. */
async function client(live: LiveEvents, filter: Filter = {}, lastEventId?: string) {
  const leaving = new AbortController();
  const messages = live.after('demo', filter, await live.beginning('demo', filter, lastEventId), leaving.signal);
  const next = async () => (await messages.next()).value as string | undefined;
  expect(await next()).toBe('retry: 1000\n\n');
  return {
    async take(count: number) {
      const taken = [];
      for (let i = 0; i < count; i++) taken.push(parsed(await next()));
      return taken;
    },
    leave: () => leaving.abort(),
    next,
  };
}

function parsed(message: string | undefined) {
  const [, id, type, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)\n\n$/.exec(message ?? '') ?? [];
  return { id, type, event: JSON.parse(data ?? 'null') as unknown };
}

describe('live events', () => {
  it('begin with what happens from now on', async () => {
    const { audit, live } = parts();
    const stream = new RecordedStream();
    await audit.take(stream.next());
    const reading = await client(live);
    const second = stream.next();
    const [taken] = await Promise.all([reading.take(1), audit.take(second)]);
    expect(taken).toEqual([{ id: expect.any(String), type: second.type, event: second }]);
  });

  it('begin with `from` where it is given', async () => {
    const { audit, live } = parts();
    const events = new RecordedStream().take(3);
    await audit.take(...events);
    const reading = await client(live, { from: Date.parse(events[1]?.time ?? '') });
    expect((await reading.take(2)).map(({ event }) => event)).toEqual(events.slice(1));
  });

  it('go on after the last event that the client has, leaving out none and doubling none', async () => {
    const { audit, live } = parts();
    const stream = new RecordedStream();
    const first = await client(live);
    const events = stream.take(3);
    const [taken] = await Promise.all([first.take(2), audit.take(...events)]);
    first.leave();
    const more = stream.take(2);
    await audit.take(...more);
    const second = await client(live, {}, taken[1]?.id);
    expect((await second.take(3)).map(({ event }) => event)).toEqual([events[2], ...more]);
  });

  it('go on after an event that the filter of the resumed stream passes over', async () => {
    const { audit, live } = parts();
    const [a, b] = [new RecordedStream(), new RecordedStream({ account: 'a2' })];
    const reading = await client(live, { account: 'a2' });
    await audit.take(a.next(), b.next(), a.next());
    const [taken] = await reading.take(1);
    const last = b.next();
    await audit.take(a.next(), last);
    expect((await (await client(live, { account: 'a2' }, taken?.id)).take(1))[0]?.event).toEqual(last);
  });

  it('are of the portal, and of the filter, alone', async () => {
    const { audit, live } = parts();
    const reading = await client(live, { account: 'a2' });
    const wanted = new RecordedStream({ account: 'a2' }).next();
    const taken = reading.take(1);
    await audit.take(new RecordedStream().next(), new RecordedStream({ portal: 'other', account: 'a2' }).next());
    await audit.take(wanted);
    expect((await taken)[0]?.event).toEqual(wanted);
  });

  it('end with the signal, also while they wait, and listen no more', async () => {
    const { live } = parts();
    const reading = await client(live);
    const waiting = reading.next();
    reading.leave();
    expect(await waiting).toBeUndefined();
  });

  it('refuse an id that is none of theirs', async () => {
    const { live } = parts();
    await expect(live.beginning('demo', {}, 'something')).rejects.toMatchObject({
      code: 'malformed-request',
      extras: { errors: [{ field: 'Last-Event-ID' }] },
    });
  });
});
