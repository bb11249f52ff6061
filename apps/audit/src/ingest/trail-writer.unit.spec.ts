import fc from 'fast-check';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { auditHeads, rebuildAudit } from '../maintain/maintenance.js';
import { AuditParts } from '../testing/audit-parts.js';
import { RecordedStream, sealed } from '../testing/recorded.js';

const versions = (events: readonly RecordedEvent[]) => events.map(({ streamVersion }) => streamVersion);

async function headsOf(engine: MemoryEngine) {
  const heads = [];
  for await (const head of auditHeads(engine)) heads.push(head);
  return heads.sort((a, b) => a.source.localeCompare(b.source) || a.stream.localeCompare(b.stream));
}

describe('events that fit', () => {
  it('are told in their order, with their hashes, and break nothing', async () => {
    const audit = new AuditParts();
    const events = new RecordedStream().take(3);
    await audit.take(...events);
    expect(await audit.all()).toEqual(events);
    expect(await audit.foundBreaks()).toEqual([]);
  });

  it('are taken once, in one delivery or in many, by this process or the next', async () => {
    const engine = new MemoryEngine();
    const audit = new AuditParts(engine);
    const events = new RecordedStream().take(5);
    await audit.take(...events.slice(0, 3), ...events.slice(1, 3));
    await audit.take(...events.slice(0, 4));
    await new AuditParts(engine).take(...events);
    expect(await audit.all()).toEqual(events);
    expect(await audit.foundBreaks()).toEqual([]);
  });

  it('keep more than an entry holds in order', async () => {
    const audit = new AuditParts();
    const events = new RecordedStream().take(300);
    await audit.take(...events);
    expect(await audit.all()).toEqual(events);
    expect((await audit.trail.last('demo'))?.number).toBe(2);
  });

  it('leave the end of each stream beside the trail', async () => {
    const engine = new MemoryEngine();
    const a = new RecordedStream().take(2);
    const b = new RecordedStream({ account: null, type: 'identity.portal-created.v1' }).take(1);
    await new AuditParts(engine).take(...a, ...b);
    expect(await headsOf(engine)).toEqual([
      { source: 'identity', stream: 'demo', version: 1, hash: b[0]?.hash },
      { source: 'two-factor', stream: 'demo/a1', version: 2, hash: a[1]?.hash },
    ]);
  });
});

describe('a chain that is broken', () => {
  const five = () => new RecordedStream().take(5);
  /** After `count` events that fit. */
  async function after(count: number, ...then: RecordedEvent[]) {
    const audit = new AuditParts();
    await audit.take(...five().slice(0, count));
    for (const event of then) await audit.take(event);
    return audit;
  }
  const [, , third, fourth, fifth] = five() as [
    RecordedEvent,
    RecordedEvent,
    RecordedEvent,
    RecordedEvent,
    RecordedEvent,
  ];

  it('by an altered event: it is kept, and the break is recorded', async () => {
    const altered = { ...third, data: { altered: true } };
    const audit = await after(2, altered, fourth, fifth);
    expect(await audit.foundBreaks()).toEqual([{ kind: 'altered', version: 3 }]);
    expect((await audit.all())[2]).toEqual(altered);
    expect(versions(await audit.all())).toEqual([1, 2, 3, 4, 5]);
  });

  it('by an event altered and sealed anew: the next one does not follow it', async () => {
    const audit = await after(2, sealed({ ...third, data: { forged: true } }), fourth, fifth);
    expect(await audit.foundBreaks()).toEqual([{ kind: 'chain-broken', version: 4 }]);
  });

  it('by a removed event', async () => {
    const audit = await after(2, fourth, fifth);
    expect(await audit.foundBreaks()).toEqual([{ kind: 'missing', version: 4 }]);
    expect(versions(await audit.all())).toEqual([1, 2, 4, 5]);
  });

  it('by an inserted event, which takes the version of the real one', async () => {
    const inserted = sealed({ ...third, id: 'inserted', data: { inserted: true } });
    const audit = await after(2, inserted, third, fourth, fifth);
    expect(await audit.foundBreaks()).toEqual([
      { kind: 'forked', version: 3 },
      { kind: 'chain-broken', version: 4 },
    ]);
    expect(versions(await audit.all())).toEqual([1, 2, 3, 3, 4, 5]);
  });

  it('by an event inserted in one delivery with the real one', async () => {
    const audit = new AuditParts();
    const [first, second] = five() as [RecordedEvent, RecordedEvent];
    await audit.take(first, second, third, sealed({ ...third, id: 'inserted' }));
    expect(await audit.foundBreaks()).toEqual([{ kind: 'forked', version: 3 }]);
    expect(versions(await audit.all())).toEqual([1, 2, 3, 3]);
  });

  it('by events out of order: none is lost, each is told', async () => {
    const audit = await after(2, fourth, third, fifth);
    expect(await audit.foundBreaks()).toEqual([
      { kind: 'late', version: 3 },
      { kind: 'missing', version: 4 },
    ]);
    expect(versions(await audit.all())).toEqual([1, 2, 4, 3, 5]);
    expect(versions(await audit.all({ account: 'a1' }))).toEqual([1, 2, 4, 3, 5]);
  });

  it('is told once, however often its event is delivered', async () => {
    const altered = { ...third, data: { altered: true } };
    const audit = await after(2, fifth, altered, altered, fifth, fourth, altered);
    const before = await audit.all();
    expect(versions(before)).toEqual([1, 2, 5, 3, 4]);
    await audit.take(altered, fourth, fifth);
    expect(await audit.all()).toEqual(before);
    expect((await audit.metrics.registry.metrics()).match(/chain_breaks_total\{.*\} \d+/g)).toEqual([
      'chain_breaks_total{source="two-factor",kind="missing"} 1',
      'chain_breaks_total{source="two-factor",kind="altered"} 1',
      'chain_breaks_total{source="two-factor",kind="late"} 2',
    ]);
  });

  it('at the first event: a stream begins with version 1 and no hash before it', async () => {
    const audit = new AuditParts();
    await audit.take(sealed({ ...third, streamVersion: 1 }));
    expect(await audit.foundBreaks()).toEqual([{ kind: 'chain-broken', version: 1 }]);
  });
});

describe('a rebuilt trail', () => {
  it('is the same when the log is the same', async () => {
    const engine = new MemoryEngine();
    const events = [...new RecordedStream().take(4), ...new RecordedStream({ account: 'a2' }).take(3)];
    await new AuditParts(engine).take(...events);
    const headsBefore = await headsOf(engine);
    await rebuildAudit(engine);
    const audit = new AuditParts(engine);
    expect(await audit.all()).toEqual([]);
    await audit.take(...events.slice(0, 2));
    expect(await headsOf(engine)).toEqual(headsBefore);
    await audit.take(...events);
    expect(await audit.all()).toEqual(events);
    expect(await audit.foundBreaks()).toEqual([]);
    expect(await headsOf(engine)).toEqual(headsBefore);
  });

  it('notices that history was written anew meanwhile', async () => {
    const engine = new MemoryEngine();
    await new AuditParts(engine).take(...new RecordedStream().take(3));
    await rebuildAudit(engine);
    const audit = new AuditParts(engine);
    await audit.take(...new RecordedStream({ data: { anew: true } }).take(4));
    expect(await audit.foundBreaks()).toEqual([{ kind: 'rewritten', version: 3 }]);
  });

  it('remembers the end of a log that was cut', async () => {
    const engine = new MemoryEngine();
    const events = new RecordedStream().take(3);
    await new AuditParts(engine).take(...events);
    await rebuildAudit(engine);
    await new AuditParts(engine).take(...events.slice(0, 2));
    expect(await headsOf(engine)).toMatchObject([{ version: 3, hash: events[2]?.hash }]);
  });
});

describe('several instances on one store', () => {
  it('take every event once, each stream in order, whoever is first', async () => {
    const streams = (count: number) =>
      Array.from({ length: count }, (_, index) => new RecordedStream({ account: `a${index}` }).take(6));
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const engine = scheduledEngine(scheduler);
        const instances = [new AuditParts(engine), new AuditParts(engine)];
        const all = streams(4);
        const work = instances.map(async (instance, index) => {
          // each has two of the streams, and one is delivered to both
          for (let from = 0; from < 6; from += 2) {
            const mine = all.filter((_, stream) => stream % 2 === index || stream === 0);
            await instance.take(...mine.flatMap((events) => events.slice(from, from + 2)));
            await instance.writer.keepEnds();
          }
        });
        await scheduler.waitFor(Promise.all(work));
        const audit = new AuditParts(engine);
        await scheduler.waitFor(audit.take(...all.flat()));
        const events = await scheduler.waitFor(audit.all());
        expect(events).toHaveLength(24);
        for (const [index, stream] of all.entries()) {
          expect(events.filter(({ account }) => account === `a${index}`)).toEqual(stream);
          const byAccount = await scheduler.waitFor(audit.all({ account: `a${index}` }));
          expect(byAccount).toEqual(stream);
        }
        expect(await scheduler.waitFor(audit.foundBreaks())).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a crash between two writes', () => {
  it('loses nothing and doubles nothing, wherever it comes', async () => {
    const a = new RecordedStream().take(4);
    const b = new RecordedStream({ account: 'a2', portal: 'other' }).take(4);
    for (let writes = 0; writes < 12; writes++) {
      const engine = new MemoryEngine();
      await new AuditParts(engine).take(a[0]!, b[0]!);
      const crashing = new AuditParts(crashingAfter(engine, writes));
      await crashing
        .take(...a.slice(1, 3), ...b.slice(1, 3))
        .then(() => crashing.writer.keepEnds())
        .catch(() => 'crashed');
      const next = new AuditParts(engine);
      await next.take(...a.slice(1), ...b.slice(1));
      expect(await next.all()).toEqual(a);
      expect(await next.all({ account: 'a2' }, { portal: 'other' })).toEqual(b);
      expect(await next.all({ types: new Set([a[0]!.type]) })).toEqual(a);
      expect(await next.foundBreaks()).toEqual([]);
      expect(await headsOf(engine)).toMatchObject([{ version: 4 }, { version: 4 }]);
    }
  });
});

/** Each operation waits for the scheduler before and after it is done. */
function scheduledEngine(scheduler: fc.Scheduler): MemoryEngine {
  const engine = new MemoryEngine({ shared: true });
  const records = engine.records.bind(engine);
  engine.records = <Value>(name: string) =>
    new Proxy(records<Value>(name), {
      get: (target, property) => {
        const method: unknown = Reflect.get(target, property);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          await scheduler.schedule(Promise.resolve(), String(property));
          return method.apply(target, args);
        };
      },
    });
  return engine;
}

/** Fails at every write after so many, as a process that has died does none. A batch may be cut within. */
function crashingAfter(engine: MemoryEngine, writes: number): Pick<MemoryEngine, 'records'> {
  let left = writes;
  const die = () => {
    throw new Error('crashed');
  };
  return {
    records: <Value>(name: string) => {
      const records = engine.records<Value>(name);
      return new Proxy(records, {
        get: (target, property) => {
          const method: unknown = Reflect.get(target, property);
          if (typeof method !== 'function') return method;
          if (property === 'write') {
            return async (operations: Parameters<typeof records.write>[0]) => {
              for (const operation of operations) {
                if (left-- <= 0) die();
                await target.write([operation]);
              }
            };
          }
          if (property === 'get' || property === 'list') return method.bind(target) as unknown;
          return async (...args: unknown[]) => {
            if (left-- <= 0) die();
            return method.apply(target, args) as unknown;
          };
        },
      });
    },
  };
}
