import { type Commit, type Engine, type FeedItem, VersionConflict } from '../port.js';
import { commitOf } from '../testing/commits.js';
import { withMongo } from './testing/with-mongo.js';

/** Appends at what it takes for the end of the stream until it has won so many times. */
async function win(engine: Engine, stream: string, times: number): Promise<Commit[]> {
  const won: Commit[] = [];
  while (won.length < times) {
    const head = await engine.log.head(stream);
    const commit = commitOf({ stream, version: (head?.version ?? 0) + 1, events: 1 + (won.length % 3) });
    try {
      await engine.log.append(commit);
      won.push(commit);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
  return won;
}

async function readAll({ log }: Engine, until: number): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  while (items.length < until) items.push(...(await log.feed.read(items.at(-1)?.position ?? 0, 16)));
  return items;
}

await withMongo('several instances on one MongoDB', ({ open }) => {
  it('give no version of a stream twice, and leave none out', async () => {
    const engines = await Promise.all([open(), open(), open()]);
    const won = await Promise.all(engines.map((engine) => win(engine, 'portal/account', 20)));
    const stream = await (await open()).log.read('portal/account');
    const byVersion = won.flat().sort((a, b) => a.version - b.version);
    expect(stream).toEqual(byVersion);
    let next = 1;
    for (const { version, events } of stream) {
      expect(version).toBe(next);
      next += events.length;
    }
  });

  it('see at once what another has appended', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    for (let version = 1; version <= 5; version++) {
      const commit = commitOf({ version });
      await one.log.append(commit);
      expect(await other.log.head('portal/account')).toEqual({ version, hash: commit.events[0]?.hash });
      await expect(other.log.append(commitOf({ version }))).rejects.toThrow(VersionConflict);
      expect(await other.log.read('portal/account', version - 1)).toEqual([commit]);
    }
  });

  it('take the same commit from each other as one', async () => {
    const engines = await Promise.all([open(), open()]);
    const commit = commitOf({ events: 2 });
    await Promise.all(engines.map((engine) => engine.log.append(commit)));
    await engines[1]?.log.append(commit);
    expect(await engines[0]?.log.read(commit.stream)).toEqual([commit]);
  });

  it('read one feed: the same order, everything once, each stream in its own order', async () => {
    const engines = await Promise.all([open(), open(), open()]);
    const streams = Array.from({ length: 8 }, (_, i) => `portal/${i}`);
    const [each, writers] = [6, 3];
    const total = streams.length * each * writers;
    const [feeds] = await Promise.all([
      Promise.all(engines.map((engine) => readAll(engine, total))),
      ...engines.map((engine) => Promise.all(streams.map((stream) => win(engine, stream, each)))),
    ]);
    const [first = [], ...others] = feeds;
    for (const feed of others) expect(feed).toEqual(first);
    expect(first).toHaveLength(total);
    expect(first.map(({ position }) => position)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    for (const stream of streams) {
      const inFeed = first.map(({ commit }) => commit).filter((commit) => commit.stream === stream);
      expect(inFeed).toEqual(await engines[0]?.log.read(stream));
    }
    expect(await engines[0]?.log.feed.read(total, 10)).toEqual([]);
  });
});
