import { pino } from 'pino';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { twoFactorEvents } from '#libs/contracts/src/events/two-factor.js';
import { type Commit, type Engine, type FeedItem, StoreUnavailable } from '#libs/engine/src/port.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { controllers, record, Script, startApp } from '../testing/bus-apps.js';
import { eventually } from '../testing/eventually.js';
import { MortalEngine } from '../testing/mortal-engine.js';
import { createInProcessBus } from './bus.js';

const logger = pino({ level: 'silent' });
const failed = (count: number) => Array(count).fill('AttemptFailed') as 'AttemptFailed'[];
const never = () => new Promise<never>(() => undefined);

/** Of the source's log and the consumer's records, what a test wants to watch or break. */
class WatchedEngine extends MemoryEngine {
  reads = 0;
  broken = false;
  saved: number[] = [];

  constructor() {
    super();
    const read = this.log.feed.read.bind(this.log.feed);
    this.log.feed.read = async (after, limit): Promise<FeedItem[]> => {
      this.reads += 1;
      this.#look();
      return read(after, limit);
    };
    const positions = super.records<number>('positions');
    const put = positions.put.bind(positions);
    positions.put = async (key, value) => {
      this.#look();
      this.saved.push(value);
      await put(key, value);
    };
  }

  #look(): void {
    if (this.broken) throw new StoreUnavailable('the disk is gone');
  }
}

const positionIn = (engine: Engine) => engine.records<number>('positions').get(['two-factor']);

describe('consuming a log in process', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function consume(
    handle: Script['event'],
    { source, reader, patienceMs = 5_000 }: { source: Engine; reader: Engine; patienceMs?: number },
  ) {
    const bus = createInProcessBus({ logger, patienceMs });
    closing.push(() => bus.close());
    const script = new Script();
    script.event = handle;
    bus.join('two-factor', source);
    const identity = bus.join('identity', reader);
    const app = await startApp(identity, controllers.events, script);
    return { bus, identity, app };
  }

  it('saves no position beyond an event that is not done, however far the other streams are', async () => {
    const [source, reader] = [new WatchedEngine(), new WatchedEngine()];
    const handled: string[] = [];
    const mortal = new MortalEngine(reader);
    await record(source, 'first', failed(1));
    await record(source, 'held', failed(2));
    await record(source, 'others', failed(50));

    await consume(({ account = '' }) => (account === 'held' ? never() : handled.push(account)), {
      source,
      reader: mortal,
      patienceMs: 10,
    });
    await eventually(() => expect(handled).toHaveLength(51));
    await eventually(async () => expect(await positionIn(reader)).toBe(1));
    mortal.kill();

    const again: RecordedEvent[] = [];
    await consume((event) => again.push(event), { source, reader });
    await eventually(() => expect(again.filter(({ account }) => account === 'held')).toHaveLength(2));
    await eventually(async () => expect(await positionIn(reader)).toBe(53));
  });

  it('writes a position now and then, not for each event', async () => {
    const [source, reader] = [new WatchedEngine(), new WatchedEngine()];
    let handled = 0;
    for (const account of ['a', 'b', 'c', 'd']) await record(source, account, failed(200));
    await consume(() => (handled += 1), { source, reader });

    await eventually(async () => expect(await positionIn(reader)).toBe(800));
    expect(handled).toBe(800);
    expect(reader.saved.length).toBeLessThan(10);
  });

  it('parses only what is handled, and buries what cannot be parsed', async () => {
    const [source, reader] = [new WatchedEngine(), new WatchedEngine()];
    const handled: number[] = [];
    const broken = (version: number, type: string): Commit => ({
      stream: 'demo/a1',
      version,
      commitId: `broken-${version}`,
      at: 1,
      metadata: {},
      events: [{ name: 'Any', body: `{"data":{hunter2},"type":"${type}"}`, hash: 'f'.repeat(64) }],
    });
    await source.log.append(broken(1, twoFactorEvents.UserUnlocked.type));
    await source.log.append(broken(2, twoFactorEvents.AccountLocked.type));
    await record(source, 'a1', failed(1));
    const { identity } = await consume((event) => handled.push(event.streamVersion), { source, reader });

    await eventually(() => expect(identity.health()).toMatchObject([{ position: 3 }]));
    expect(handled).toEqual([3]);
    const letters = await identity.deadLetters.list();
    expect(letters).toMatchObject([{ position: 2, eventId: null, type: twoFactorEvents.AccountLocked.type }]);
    expect(JSON.stringify(letters)).not.toContain('hunter2');
  });

  it('goes on by itself after the log or the records were away', async () => {
    const [source, reader] = [new WatchedEngine(), new WatchedEngine()];
    const handled: number[] = [];
    const { identity } = await consume((event) => handled.push(event.streamVersion), { source, reader });
    source.broken = true;
    reader.broken = true;
    await record(source, 'a1', failed(1));
    await eventually(() =>
      expect(identity.health()).toMatchObject([
        { stalled: true, lastError: { error: expect.stringContaining('disk') } },
      ]),
    );
    source.broken = false;
    await eventually(() => expect(handled).toEqual([1]));
    await eventually(() => expect(identity.health()).toMatchObject([{ stalled: false }]));
    reader.broken = false;
    await eventually(async () => expect(await positionIn(reader)).toBe(1));
  });

  it('lets go of the log of an app that leaves, and takes it up again', async () => {
    const [source, reader] = [new WatchedEngine(), new WatchedEngine()];
    const handled: number[] = [];
    const bus = createInProcessBus({ logger });
    closing.push(() => bus.close());
    const script = new Script();
    script.event = (event) => handled.push(event.streamVersion);
    const owner = await startApp(bus.join('two-factor', source), controllers.answering);
    const identity = bus.join('identity', reader);
    await startApp(identity, controllers.events, script);
    await record(source, 'a1', failed(1));
    await eventually(() => expect(handled).toEqual([1]));

    await owner.close();
    const { reads } = source;
    await record(source, 'a1', failed(1));
    expect(identity.health()).toMatchObject([{ stalled: true }]);
    expect(source.reads).toBe(reads);

    bus.join('two-factor', source);
    await eventually(() => expect(handled).toEqual([1, 2]));
  });

  it('waits for a handler that hangs no longer than told', async () => {
    const [source, reader] = [new WatchedEngine(), new WatchedEngine()];
    let entered = false;
    await record(source, 'a1', failed(1));
    const { bus } = await consume(
      () => {
        entered = true;
        return never();
      },
      { source, reader, patienceMs: 20 },
    );
    await eventually(() => expect(entered).toBe(true));
    await bus.close();
    expect(await positionIn(reader)).toBeUndefined();
  });

  it('counts what it did', async () => {
    const counted: Record<string, number> = {};
    const count = (what: string) => ({
      inc: ({ app, source }: { app: string; source: string }, value: number) => {
        const label = `${app} ${what} ${source}`;
        counted[label] = (counted[label] ?? 0) + value;
      },
    });
    const counters = { processed: count('processed'), retried: count('retried'), deadLettered: count('buried') };
    const bus = createInProcessBus({ logger, counters });
    closing.push(() => bus.close());
    const source = new MemoryEngine();
    const script = new Script();
    script.event = ({ streamVersion }) => {
      if (streamVersion === 2) throw new TypeError('no');
    };
    await record(source, 'a1', failed(3));
    bus.join('two-factor', source);
    await startApp(bus.join('identity', new MemoryEngine()), controllers.events, script);

    await eventually(() =>
      expect(counted).toEqual({
        'identity processed two-factor': 2,
        'identity retried two-factor': 4,
        'identity buried two-factor': 1,
      }),
    );
  });

  it('refuses to let an app join twice', () => {
    const bus = createInProcessBus({ logger });
    bus.join('identity', new MemoryEngine());
    expect(() => bus.join('identity', new MemoryEngine())).toThrow(TypeError);
  });
});
