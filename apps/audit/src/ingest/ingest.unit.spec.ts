import { jest } from '@jest/globals';
import { pino } from 'pino';
import type { RecordedEvent, SourceApp } from '#libs/contracts/src/events/event.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import { AuditParts } from '../testing/audit-parts.js';
import { at, type Recorded, RecordedStream } from '../testing/recorded.js';
import { NotAnEvent } from '../trail/arrival.js';
import { Ingest } from './ingest.js';

function made() {
  const audit = new AuditParts();
  /** Sources whose consumer has not caught up. */
  const beginning = new Set<SourceApp>();
  const health = () =>
    sourceApps.map((source) => ({ source, position: 0, lag: 0, stalled: beginning.has(source), lastError: null }));
  const ingest = new Ingest(audit.writer, audit.arrivals, { health }, pino({ level: 'silent' }));
  return { audit, ingest, beginning };
}

const streamOf = (app: string, given: Recorded = {}) => new RecordedStream({ type: `${app}.happened.v1`, ...given });

/** As the bus does it: one delivery at a time, in the order of the log. */
async function deliver(ingest: Ingest, source: 'identity' | 'two-factor', events: RecordedEvent[], size: number) {
  for (let begin = 0; begin < events.length; begin += size)
    await ingest.take(source, events.slice(begin, begin + size));
}

describe('taking in', () => {
  afterEach(() => jest.useRealTimers());

  it('resolves when the events can be read', async () => {
    const { audit, ingest } = made();
    const events = streamOf('identity').take(3);
    await ingest.take('identity', events);
    expect(await audit.all()).toEqual(events);
  });

  it('tells the events of several logs by time, also when it catches up with them', async () => {
    const { audit, ingest } = made();
    ingest.onApplicationBootstrap();
    const identity = streamOf('identity');
    const twoFactor = streamOf('two-factor');
    const [a, b]: [RecordedEvent[], RecordedEvent[]] = [[], []];
    for (let second = 0; second < 900; second++) {
      if (second % 3 === 0) a.push(identity.next({ time: at(second) }));
      else b.push(twoFactor.next({ time: at(second) }));
    }
    await Promise.all([deliver(ingest, 'identity', a, 100), deliver(ingest, 'two-factor', b, 256)]);
    const times = (await audit.all()).map(({ time }) => time);
    expect(times).toEqual(Array.from({ length: 900 }, (_, second) => at(second)));
  });

  it('waits after its start for a source whose consumer begins later', async () => {
    jest.useFakeTimers({ advanceTimers: true, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const { audit, ingest, beginning } = made();
    beginning.add('identity');
    ingest.onApplicationBootstrap();
    const newer = streamOf('two-factor').next({ time: at(7) });
    const older = streamOf('identity').next({ time: at(1) });
    const first = ingest.take('two-factor', [newer]);
    jest.advanceTimersByTime(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await audit.all()).toEqual([]);
    const second = ingest.take('identity', [older]);
    beginning.clear();
    await Promise.all([first, second]);
    expect(await audit.all()).toEqual([older, newer]);
  });

  it('refuses all of a delivery with something that is no event of its source, and takes the rest alone', async () => {
    const { audit, ingest } = made();
    const [first] = streamOf('identity').take(1) as [RecordedEvent];
    const foreign = streamOf('two-factor').next();
    for (const bad of [
      foreign,
      { ...first, portal: 'no/portal' },
      { ...first, account: '' },
      { ...first, streamVersion: 0 },
      { ...first, hash: undefined },
    ]) {
      await expect(ingest.take('identity', [first, bad as RecordedEvent])).rejects.toThrow(NotAnEvent);
    }
    expect(await audit.all()).toEqual([]);
    await ingest.take('identity', [first]);
    expect(await audit.all()).toEqual([first]);
  });

  it('fails with the store, and takes the same events when they come again', async () => {
    const { audit, ingest } = made();
    const events = streamOf('identity').take(2);
    const append = audit.trail.append.bind(audit.trail);
    audit.trail.append = () => Promise.reject(new Error('the store is away'));
    await expect(ingest.take('identity', events)).rejects.toThrow('the store is away');
    audit.trail.append = append;
    await ingest.take('identity', events);
    expect(await audit.all()).toEqual(events);
    expect(await audit.foundBreaks()).toEqual([]);
  });
});
