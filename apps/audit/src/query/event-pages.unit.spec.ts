import fc from 'fast-check';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { SEGMENT } from '../ingest/trail-writer.js';
import { rebuildAudit } from '../maintain/maintenance.js';
import { AuditParts } from '../testing/audit-parts.js';
import { at, attemptFailed, type Recorded, RecordedStream, sealed } from '../testing/recorded.js';
import type { Order } from './cursor.js';
import { filterOf } from './filter.js';

const locked = 'two-factor.account-locked.v1';
const ids = (events: readonly RecordedEvent[]) => events.map(({ id }) => id);

describe('pages of events', () => {
  it('hold as many as were asked for, oldest first, and say whether there are more', async () => {
    const audit = new AuditParts();
    const events = new RecordedStream().take(5);
    await audit.take(...events);
    const first = await audit.pages.page('demo', {}, { limit: 2 });
    const second = await audit.pages.page('demo', {}, { after: first.next ?? undefined, limit: 2 });
    const third = await audit.pages.page('demo', {}, { after: second.next ?? undefined, limit: 2 });
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
    expect((await audit.pages.page('demo', {}, { limit: 2 })).next).toBeNull();
  });

  it('hold nothing of another portal, whose cursor opens nothing', async () => {
    const audit = new AuditParts();
    await audit.take(...new RecordedStream({ portal: 'demo-2' }).take(3), ...new RecordedStream().take(1));
    const { next } = await audit.pages.page('demo-2', {}, { limit: 1 });
    expect(await audit.pages.page('demo', {}, { after: next ?? undefined, limit: 10 })).toEqual({
      events: [],
      next: null,
    });
    expect((await audit.all()).map(({ portal }) => portal)).toEqual(['demo']);
    expect(await audit.all({}, { portal: 'dem' })).toEqual([]);
  });

  it('refuse a cursor that is none', async () => {
    const audit = new AuditParts();
    await audit.take(...new RecordedStream().take(1));
    for (const cursor of ['', '1', 'x.1.1', '00000000.1', '00000000.-1.0', `00000000.${'9'.repeat(16)}.0`]) {
      await expect(audit.pages.page('demo', {}, { after: cursor, limit: 10 })).rejects.toMatchObject({
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
    const { next } = await before.pages.page('demo', {}, { limit: 2 });
    await rebuildAudit(engine);
    const audit = new AuditParts(engine);
    await audit.take(...events);
    expect((await audit.pages.page('demo', {}, { after: next ?? undefined, limit: 10 })).events).toEqual(events);
  });

  it('go on with what has come since the cursor was given', async () => {
    const audit = new AuditParts();
    const stream = new RecordedStream();
    await audit.take(...stream.take(3));
    const { next } = await audit.pages.page('demo', {}, { limit: 2 });
    const more = stream.take(2);
    await audit.take(...more);
    expect(ids((await audit.pages.page('demo', {}, { after: next ?? undefined, limit: 10 })).events).slice(1)).toEqual(
      ids(more),
    );
  });
});

describe('pages newest first', () => {
  it('are those of the other order turned round', async () => {
    const audit = new AuditParts();
    const events = new RecordedStream().take(45);
    await audit.take(...events.slice(0, 40));
    for (const event of events.slice(40)) await audit.take(event);
    for (const limit of [1, 7, 44, 45, 46]) {
      expect(ids(await audit.all({}, { order: 'newest', limit }))).toEqual(ids(events).reverse());
    }
  });

  it('are not moved by what arrives meanwhile', async () => {
    const audit = new AuditParts();
    const stream = new RecordedStream();
    const events = stream.take(40);
    await audit.take(...events);
    const first = await audit.pages.page('demo', {}, { limit: 15, order: 'newest' });
    await audit.take(...stream.take(30));
    const after = first.next ?? undefined;
    const second = await audit.pages.page('demo', {}, { after, limit: 15, order: 'newest' });
    expect(ids([...first.events, ...second.events])).toEqual(ids(events).reverse().slice(0, 30));
  });

  it('are not gone on with by a cursor of the other order', async () => {
    const audit = new AuditParts();
    await audit.take(...new RecordedStream().take(3));
    for (const [given, used] of [
      ['oldest', 'newest'],
      ['newest', 'oldest'],
    ] as const) {
      const { next } = await audit.pages.page('demo', {}, { limit: 1, order: given });
      await expect(
        audit.pages.page('demo', {}, { after: next ?? undefined, limit: 1, order: used }),
      ).rejects.toMatchObject({ code: 'malformed-request', extras: { errors: [{ field: 'after' }] } });
    }
  });

  it('begin anew with a cursor of a trail that was rebuilt', async () => {
    const engine = new MemoryEngine();
    const before = new AuditParts(engine);
    const events = new RecordedStream().take(3);
    await before.take(...events);
    const { next } = await before.pages.page('demo', {}, { limit: 2, order: 'newest' });
    await rebuildAudit(engine);
    const audit = new AuditParts(engine);
    await audit.take(...events);
    const after = next ?? undefined;
    const page = await audit.pages.page('demo', {}, { after, limit: 10, order: 'newest' });
    expect(ids(page.events)).toEqual(ids(events).reverse());
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
    const count = 18 * SEGMENT + 300;
    for (let i = 0; i < count; i++) {
      const given: Recorded = {
        time: at(i),
        type: i % 1_000 === 0 ? locked : attemptFailed,
        ...(i % 700 === 0 && { actor: { kind: 'administrator', id: 'admin' } }),
      };
      // most of it is of one account, so that others are rare
      events.push(streams[i % 97 === 0 ? (i / 97) % streams.length : 0]!.next(given));
    }
    for (let begin = 0; begin < count; begin += 500) await audit.take(...events.slice(begin, begin + 500));
    expect((await audit.index.indexed('demo')).segment).toBeGreaterThanOrEqual(17);

    const second = fc.option(fc.integer({ min: -10, max: count + 10 }), { nil: undefined });
    const some = <Value>(...values: Value[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
    const question = fc.record({
      account: fc.constantFrom('b', 'c', '__proto__', 'nobody', undefined),
      types: some(locked, attemptFailed, 'two-factor.user-unlocked.v1'),
      correlationId: fc.constantFrom('request-7', 'request-none', undefined, undefined),
      actor: fc.constantFrom('a', 'admin', 'nobody', undefined, undefined),
      eventIds: fc.option(
        fc.array(
          fc.integer({ min: 0, max: count - 1 }).map((index) => events[index]!.id),
          { minLength: 1, maxLength: 200 },
        ),
        { nil: undefined },
      ),
      from: second,
      to: second,
      order: fc.constantFrom<Order>('oldest', 'newest'),
      limit: fc.constantFrom(3, 50, 200),
    });
    await fc.assert(
      fc.asyncProperty(question, async ({ account, types, correlationId, actor, eventIds, from, to, order, limit }) => {
        const filter = filterOf({
          account,
          type: types,
          correlationId,
          actor,
          id: eventIds,
          from: from === undefined ? undefined : at(from),
          to: to === undefined ? undefined : at(to),
        });
        const expected = events.filter(
          (event, index) =>
            (account === undefined || event.account === account) &&
            (types === undefined || types.includes(event.type)) &&
            (correlationId === undefined || event.context.correlationId === correlationId) &&
            (actor === undefined || event.actor.id === actor) &&
            (eventIds === undefined || eventIds.includes(event.id)) &&
            (from === undefined || index >= from) &&
            (to === undefined || index <= to),
        );
        if (order === 'newest') expected.reverse();
        expect(ids(await audit.all(filter, { order, limit }))).toEqual(ids(expected));
      }),
      { numRuns: 60 },
    );
    expect(ids(await audit.all({ account: null }))).toEqual(ids(events.filter(({ account }) => account === undefined)));
  });
});
