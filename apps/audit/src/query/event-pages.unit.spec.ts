import fc from 'fast-check';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { SEGMENT } from '../ingest/trail-writer.js';
import { rebuildAudit } from '../maintain/maintenance.js';
import { AuditParts } from '../testing/audit-parts.js';
import { at, attemptFailed, type Recorded, RecordedStream, sealed } from '../testing/recorded.js';
import { filterOf } from './filter.js';

const locked = 'two-factor.account-locked.v1';
const ids = (events: readonly RecordedEvent[]) => events.map(({ id }) => id);

describe('pages of events', () => {
  it('hold as many as were asked for, oldest first, and say whether there are more', async () => {
    const audit = new AuditParts();
    const events = new RecordedStream().take(5);
    await audit.take(...events);
    const first = await audit.pages.page('demo', {}, undefined, 2);
    const second = await audit.pages.page('demo', {}, first.next ?? undefined, 2);
    const third = await audit.pages.page('demo', {}, second.next ?? undefined, 2);
    expect([first, second, third].map((page) => ids(page.events))).toEqual([
      ids(events.slice(0, 2)),
      ids(events.slice(2, 4)),
      ids(events.slice(4)),
    ]);
    expect([first.next, second.next, third.next]).toEqual([expect.any(String), expect.any(String), null]);
  });

  it('have no next when the last event is on them', async () => {
    const audit = new AuditParts();
    await audit.take(...new RecordedStream().take(2));
    expect((await audit.pages.page('demo', {}, undefined, 2)).next).toBeNull();
  });

  it('hold nothing of another portal, whose cursor opens nothing', async () => {
    const audit = new AuditParts();
    await audit.take(...new RecordedStream({ portal: 'demo-2' }).take(3), ...new RecordedStream().take(1));
    const { next } = await audit.pages.page('demo-2', {}, undefined, 1);
    expect(await audit.pages.page('demo', {}, next ?? undefined, 10)).toEqual({ events: [], next: null });
    expect((await audit.all()).map(({ portal }) => portal)).toEqual(['demo']);
    expect(await audit.all({}, { portal: 'dem' })).toEqual([]);
  });

  it('refuse a cursor that is none', async () => {
    const audit = new AuditParts();
    await audit.take(...new RecordedStream().take(1));
    for (const cursor of ['', '1', 'x.1.1', '00000000.1', '00000000.-1.0', `00000000.${'9'.repeat(16)}.0`]) {
      await expect(audit.pages.page('demo', {}, cursor, 10)).rejects.toMatchObject({
        code: 'malformed-request',
        extras: { errors: [{ field: 'after' }] },
      });
    }
  });

  it('begin anew with a cursor of a trail that was rebuilt', async () => {
    const engine = new MemoryEngine();
    const before = new AuditParts(engine);
    const events = new RecordedStream().take(3);
    await before.take(...events);
    const { next } = await before.pages.page('demo', {}, undefined, 2);
    await rebuildAudit(engine);
    const audit = new AuditParts(engine);
    await audit.take(...events);
    expect((await audit.pages.page('demo', {}, next ?? undefined, 10)).events).toEqual(events);
  });

  it('go on with what has come since the cursor was given', async () => {
    const audit = new AuditParts();
    const stream = new RecordedStream();
    await audit.take(...stream.take(3));
    const { next } = await audit.pages.page('demo', {}, undefined, 2);
    const more = stream.take(2);
    await audit.take(...more);
    expect(ids((await audit.pages.page('demo', {}, next ?? undefined, 10)).events).slice(1)).toEqual(ids(more));
  });
});

describe('filters', () => {
  it('take times inclusively, to the fraction of a millisecond', async () => {
    const audit = new AuditParts();
    await audit.take(...new RecordedStream().take(4));
    const between = (from: string, to: string) => audit.all(filterOf({ from, to }));
    expect((await between(at(2), at(3))).map(({ streamVersion }) => streamVersion)).toEqual([2, 3]);
    expect(await between('2026-01-01T00:00:02.0005Z', '2026-01-01T00:00:02.9999Z')).toEqual([]);
    expect(await between('2026-01-01T00:00:02Z', '2026-01-01T00:00:02.0009Z')).toHaveLength(1);
  });

  it('find late events, and stop looking only where none can come', async () => {
    const audit = new AuditParts();
    const stream = new RecordedStream();
    await audit.take(stream.next({ time: at(10) }));
    await audit.take(stream.next({ time: at(100) }));
    await audit.take(stream.next({ time: at(20) }));
    await audit.take(stream.next({ time: at(200) }));
    const seconds = async (from: number, to: number) =>
      (await audit.all(filterOf({ from: at(from), to: at(to) }))).map(({ time }) => time);
    expect(await seconds(15, 30)).toEqual([at(20)]);
    expect(await seconds(0, 20)).toEqual([at(10), at(20)]);
    expect(await seconds(150, 300)).toEqual([at(200)]);
    expect(await seconds(201, 300)).toEqual([]);
  });

  it('take an event whose time is no time only where no time is asked for', async () => {
    const audit = new AuditParts();
    await audit.take(sealed({ ...new RecordedStream().next(), time: 'soon' }));
    expect(await audit.all()).toHaveLength(1);
    expect(await audit.all({ from: 0 })).toEqual([]);
  });
});

describe('a trail of several segments', () => {
  const accounts = ['a', 'b', 'c', '__proto__'];

  it('answers any question like a search through all of it', async () => {
    const audit = new AuditParts();
    const streams = [...accounts, null].map((account) => new RecordedStream({ account }));
    const events: RecordedEvent[] = [];
    const count = 2 * SEGMENT + 700;
    for (let i = 0; i < count; i++) {
      const given: Recorded = { time: at(i), type: i % 1_000 === 0 ? locked : attemptFailed };
      // most of it is of one account, so that others are rare
      events.push(streams[i % 97 === 0 ? (i / 97) % streams.length : 0]!.next(given));
    }
    for (let begin = 0; begin < count; begin += 500) await audit.take(...events.slice(begin, begin + 500));
    expect((await audit.trail.indexed('demo')).segment).toBeGreaterThanOrEqual(2);

    const second = fc.option(fc.integer({ min: -10, max: count + 10 }), { nil: undefined });
    const question = fc.record({
      account: fc.constantFrom('b', 'c', '__proto__', 'nobody', undefined),
      type: fc.constantFrom(locked, 'two-factor.user-unlocked.v1', undefined),
      from: second,
      to: second,
    });
    await fc.assert(
      fc.asyncProperty(question, async ({ account, type, from, to }) => {
        const filter = filterOf({
          account,
          type,
          from: from === undefined ? undefined : at(from),
          to: to === undefined ? undefined : at(to),
        });
        const expected = events.filter(
          (event, index) =>
            (account === undefined || event.account === account) &&
            (type === undefined || event.type === type) &&
            (from === undefined || index >= from) &&
            (to === undefined || index <= to),
        );
        expect(ids(await audit.all(filter))).toEqual(ids(expected));
      }),
      { numRuns: 25 },
    );
    expect(ids(await audit.all({ account: null }))).toEqual(ids(events.filter(({ account }) => account === undefined)));
  });
});
