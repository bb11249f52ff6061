import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { type Feed, StoreDamaged } from '#libs/engine/src/port.js';
import { Aggregates } from '../aggregates.js';
import type { Folded } from '../stream/decode.js';
import { rebuildSnapshots, replay } from './rebuild.js';
import type { Snapshot } from '../stream/snapshots.js';
import { altered } from '../testing/altered-log.js';
import { MemoryEngine } from '../testing/memory-engine.js';
import { count, type Tally, tally } from '../testing/tally.js';

const streams = Array.from({ length: 7 }, (_, i) => `demo/a${i}`);

/** Seven accounts whose events came by turns, and a stream of the portal itself. */
async function filled() {
  const engine = new MemoryEngine();
  const snapshots = engine.records<Snapshot<Tally>>('snapshots');
  const aggregates = new Aggregates(tally, { log: engine.log, snapshots, clock: () => 1_000 });
  for (let i = 0; i < 100; i++) {
    const stream = i % 10 === 9 ? 'demo' : (streams[(i * i) % streams.length] as string);
    await aggregates.execute(stream, aContext(), count(1, `n${i}`, 25));
  }
  await aggregates.settled();
  const live = new Map<string, Folded<Tally>>();
  for (const stream of [...streams, 'demo']) {
    const folded = await aggregates.load(stream);
    if (folded.version > 0) live.set(stream, folded);
  }
  return { engine, snapshots, live };
}
const ofAccounts = (stream: string) => stream.includes('/');
const events = (live: Map<string, Folded<Tally>>) => [...live.values()].reduce((sum, { version }) => sum + version, 0);

describe('replay', () => {
  it('gives every stream the state that it had', async () => {
    const { engine, live } = await filled();
    const replayed = new Map<string, Folded<Tally>>();
    const counts = await replay(tally, engine, (stream, folded) => replayed.set(stream, folded));
    expect(replayed).toEqual(live);
    expect(counts).toEqual({ streams: live.size, events: events(live) });
  });

  it('leaves out the streams of another kind', async () => {
    const { engine, live } = await filled();
    const seen: string[] = [];
    await replay(tally, engine, (stream) => seen.push(stream), { streams: ofAccounts });
    expect(seen.sort()).toEqual([...live.keys()].filter(ofAccounts).sort());
  });
});

describe('rebuildSnapshots', () => {
  it.each([
    [20_000, 500],
    [2, 500],
    [2, 3],
    [1, 1],
  ])('makes every snapshot again, with %d streams in memory and batches of %d', async (inMemory, batch) => {
    const { engine, snapshots, live } = await filled();
    await snapshots.put(['demo/gone'], { state: 'of no stream' } as unknown as Snapshot<Tally>);
    const counts = await rebuildSnapshots(tally, engine, { inMemory, batch });
    expect(counts).toEqual({ streams: live.size, events: events(live) });
    const made = await snapshots.list({});
    expect(made.map(({ key }) => key[0]).sort()).toEqual([...live.keys()].sort());
    for (const { key, value } of made) expect(value).toMatchObject(live.get(String(key[0])) as object);
    const started = new Aggregates(tally, { log: engine.log, snapshots, clock: () => 1_000 });
    for (const [stream, folded] of live) expect(await started.load(stream)).toEqual(folded);
  });

  it('keeps other kinds of stream out of the collection', async () => {
    const { engine, live } = await filled();
    await rebuildSnapshots(tally, engine, { collection: 'account-snapshots', streams: ofAccounts });
    const made = await engine.records('account-snapshots').list({});
    expect(made).toHaveLength([...live.keys()].filter(ofAccounts).length);
  });

  it('goes on beside running commands, in as many passes as it takes', async () => {
    const { engine, snapshots, live } = await filled();
    const running = new Aggregates(tally, { log: engine.log, snapshots, clock: () => 1_000 });
    let more = 0;
    const feed: Feed = {
      ...engine.log.feed,
      read: async (after, limit) => {
        if (after === 10 && more < 3) {
          await running.execute('demo/a0', aContext(), count(1, `late${more}`, 25));
          await running.execute(`demo/new${more++}`, aContext(), count(1, 'n1', 25));
        }
        return engine.log.feed.read(after, limit);
      },
    };
    const records = <Value>(name: string) => engine.records<Value>(name);
    await rebuildSnapshots(tally, { log: altered(engine.log, { feed }), records }, { inMemory: 2, batch: 1 });
    await running.settled();
    const started = new Aggregates(tally, { log: engine.log, snapshots, clock: () => 1_000 });
    for (const stream of [...live.keys(), 'demo/new0'])
      expect(await started.load(stream)).toEqual(await running.load(stream));
    expect(more).toBe(3);
  });

  it('refuses a log that has lost the beginning of a stream', async () => {
    const { engine } = await filled();
    const feed: Feed = { ...engine.log.feed, read: (after, limit) => engine.log.feed.read(Math.max(after, 1), limit) };
    const records = <Value>(name: string) => engine.records<Value>(name);
    await expect(rebuildSnapshots(tally, { log: altered(engine.log, { feed }), records })).rejects.toThrow(
      StoreDamaged,
    );
  });

  it('refuses a damaged log', async () => {
    const { engine } = await filled();
    const feed: Feed = {
      ...engine.log.feed,
      read: async (after, limit) =>
        (await engine.log.feed.read(after, limit)).map(({ position, commit }) => ({
          position,
          commit: position === 50 ? { ...commit, at: commit.at + 1 } : commit,
        })),
    };
    const log = altered(engine.log, { feed });
    const records = <Value>(name: string) => engine.records<Value>(name);
    await expect(rebuildSnapshots(tally, { log, records })).rejects.toThrow(StoreDamaged);
    await expect(replay(tally, { log })).rejects.toThrow(StoreDamaged);
  });
});
