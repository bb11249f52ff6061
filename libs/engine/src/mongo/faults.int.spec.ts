import { setTimeout as pause } from 'node:timers/promises';
import type { MongoProcess } from '#test/support/servers/mongo.js';
import { until } from '#test/support/until.js';
import { type Commit, type Engine, type FeedItem, StoreUnavailable, VersionConflict } from '../port.js';
import { commitOf } from '../testing/commits.js';
import { openMongoEngine } from './open.js';
import { type MongoGround, withMongo } from './testing/with-mongo.js';

/** What the writers of a fault were told. */
interface Told {
  readonly acknowledged: Commit[];
  readonly refused: Commit[];
  unavailable: number;
  unexpected: unknown[];
}

/** One stream's writer: goes on from what the store says, as an app does, until it is told to stop. */
async function write(engine: Engine, stream: string, told: Told, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) {
    try {
      const head = await engine.log.head(stream);
      const commit = commitOf({ stream, version: (head?.version ?? 0) + 1 });
      await engine.log.append(commit).catch((error: unknown) => {
        if (error instanceof VersionConflict) told.refused.push(commit);
        throw error;
      });
      told.acknowledged.push(commit);
    } catch (error) {
      if (error instanceof StoreUnavailable) told.unavailable++;
      else if (!(error instanceof VersionConflict)) told.unexpected.push(error);
      await pause(5);
    }
  }
}

const suite = ({ server, open }: MongoGround): void => {
  const process = server.process as MongoProcess;

  it('loses nothing that was acknowledged when it is killed under load, and goes on by itself', async () => {
    const engines = await Promise.all([open(), open()]);
    const told: Told = { acknowledged: [], refused: [], unavailable: 0, unexpected: [] };
    let stopped = false;
    const streams = Array.from({ length: 16 }, (_, i) => `portal/${i}`);
    const writing = engines.flatMap((engine) => streams.map((stream) => write(engine, stream, told, () => stopped)));
    const feed: FeedItem[] = [];
    const following = (async () => {
      while (!stopped) {
        const items = await engines[1].log.feed.read(feed.at(-1)?.position ?? 0, 50).catch(() => []);
        feed.push(...items);
        if (items.length === 0) await pause(5);
      }
    })();

    for (let kills = 0; kills < 3; kills++) {
      const before = told.acknowledged.length;
      await until('more is acknowledged', () => told.acknowledged.length > before + 100, 30_000);
      await process.kill();
      // The last time it stays away for so long that it is noticed.
      if (kills === 2) await until('a writer is told', () => told.unavailable > 0);
      await process.start();
    }
    const before = told.acknowledged.length;
    await until('writing goes on', () => told.acknowledged.length > before + 100, 30_000);
    stopped = true;
    await Promise.all([...writing, following]);

    expect(told.unexpected).toEqual([]);
    const stored = (await Promise.all(streams.map((stream) => engines[0].log.read(stream)))).flat();
    const ids = new Set(stored.map(({ commitId }) => commitId));
    expect(told.acknowledged.filter(({ commitId }) => !ids.has(commitId))).toEqual([]);
    expect(told.refused.filter(({ commitId }) => ids.has(commitId))).toEqual([]);
    // What was neither acknowledged nor refused may be there, once.
    expect(ids.size).toBe(stored.length);

    for (;;) {
      const items = await engines[1].log.feed.read(feed.at(-1)?.position ?? 0, 500);
      if (items.length === 0) break;
      feed.push(...items);
    }
    expect(feed).toHaveLength(stored.length);
    for (const stream of streams) {
      const versions = feed.filter(({ commit }) => commit.stream === stream).map(({ commit }) => commit.version);
      expect(versions).toEqual(Array.from({ length: versions.length }, (_, i) => i + 1));
    }
  }, 180_000);

  it('is answered as unavailable in bounded time while it is away, whatever is asked', async () => {
    const engine = await open();
    const records = engine.records<number>('numbers');
    await engine.log.append(commitOf());
    await records.put(['a'], 1);
    await process.kill();
    try {
      const asked = performance.now();
      const outcomes = await Promise.allSettled([
        engine.log.append(commitOf({ version: 2 })),
        engine.log.append(commitOf({ stream: 'portal/new' })),
        engine.log.read('portal/account'),
        engine.log.head('portal/account'),
        engine.log.findCommand('portal/account', 'x'),
        engine.log.feed.read(0, 10),
        engine.check(),
        records.get(['a']),
        records.put(['a'], 2),
        records.create(['b'], 2),
        records.replace(['a'], 1, 2),
        records.delete(['a']),
        records.list({}),
        records.write([{ put: ['c'], value: 3 }]),
        records.clear(),
        openMongoEngine({ url: server.url, app: 'late' }),
      ]);
      expect(performance.now() - asked).toBeLessThan(8_000);
      for (const outcome of outcomes) {
        expect(outcome).toEqual({ status: 'rejected', reason: expect.any(StoreUnavailable) });
      }
    } finally {
      await process.start();
    }
    await until(
      'it serves again',
      () =>
        engine.check().then(
          () => true,
          () => false,
        ),
      10_000,
    );
    expect(await records.get(['a'])).toBe(1);
    await engine.log.append(commitOf({ version: 2 }));
    expect(await engine.log.read('portal/account')).toHaveLength(2);
  }, 60_000);

  it('is answered as unavailable in bounded time while it hangs', async () => {
    const engine = await open({ patienceMs: 1_000 });
    await engine.log.append(commitOf());
    await process.freeze();
    const asked = performance.now();
    try {
      const second = commitOf({ version: 2 });
      const outcomes = await Promise.allSettled([
        engine.log.append(second),
        engine.log.head('portal/account'),
        engine.check(),
      ]);
      expect(performance.now() - asked).toBeLessThan(8_000);
      for (const outcome of outcomes) {
        expect(outcome).toEqual({ status: 'rejected', reason: expect.any(StoreUnavailable) });
      }
    } finally {
      await process.thaw();
    }
    await until(
      'it serves again',
      () =>
        engine.check().then(
          () => true,
          () => false,
        ),
      10_000,
    );
    // The second may have arrived.
    const head = await engine.log.head('portal/account');
    await engine.log.append(commitOf({ version: (head?.version ?? 0) + 1 }));
  }, 60_000);

  it('is what appends that wait are answered with when the engine is closed', async () => {
    const engine = await open();
    const outcomes = Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => engine.log.append(commitOf({ stream: `p/${i}` }))),
    );
    await engine.close();
    for (const outcome of await outcomes) expect(outcome.status).toBe('fulfilled');
    await expect(engine.log.append(commitOf({ stream: 'p/late' }))).rejects.toThrow(StoreUnavailable);
  });
};

await withMongo('MongoDB that fails', suite, { own: true });
