import { aContext } from '#libs/contracts/src/testing/contexts.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from './aggregates.js';
import { recordedEvents } from './commit.js';
import { rebuildSnapshots, replay } from './whole-log/rebuild.js';
import type { Snapshot } from './stream/snapshots.js';
import { count, type Tally, tally, type TallyEvent } from './testing/tally.js';
import { verifyHeads, verifyLog } from './whole-log/verify.js';

describe('aggregates on the embedded engine', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'aggregates-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  async function withEngine(use: (engine: Engine, aggregates: Aggregates<Tally, TallyEvent>) => Promise<void>) {
    const engine = await openEmbeddedEngine({ path, name: 'tally' });
    const snapshots = engine.records<Snapshot<Tally>>('snapshots');
    const aggregates = new Aggregates(tally, { log: engine.log, snapshots, clock: Date.now });
    try {
      await use(engine, aggregates);
      await aggregates.settled();
    } finally {
      await engine.close();
    }
  }

  it('are after a restart, and after a rebuild, what they were', async () => {
    const streams = ['demo', 'demo/a1', 'demo/a2', 'other/a1'];
    const live = new Map<string, unknown>();
    await withEngine(async (_, aggregates) => {
      const counted = Array.from({ length: 130 }, (_unused, i) => {
        const command = { id: `k${i % 120}`, digest: 'd' };
        const context = aContext({ command });
        return aggregates.execute(streams[i % 4] as string, context, count(1, `n${i}`, 25));
      });
      await Promise.all(counted);
      for (const stream of streams) live.set(stream, await aggregates.load(stream));
    });

    await withEngine(async (engine, aggregates) => {
      for (const stream of streams) expect(await aggregates.load(stream)).toEqual(live.get(stream));
      const context = aContext({ command: { id: 'k0', digest: 'd' } });
      const repeated = await aggregates.execute('demo', context, count(1, 'again'));
      expect(repeated).toMatchObject({ answer: 'counted' });

      const replayed = new Map<string, unknown>();
      await replay(tally, engine, (stream, folded) => replayed.set(stream, folded));
      expect(replayed).toEqual(live);
      await rebuildSnapshots(tally, engine);
    });

    await withEngine(async (engine, aggregates) => {
      for (const stream of streams) expect(await aggregates.load(stream)).toEqual(live.get(stream));
      const report = await verifyLog(engine.log);
      expect(report).toMatchObject({ streams: 4, problems: [] });
      expect(await verifyHeads(engine.log, seen(engine))).toEqual([]);
    });
  });
});

async function* seen({ log }: Engine) {
  for (const { commit } of await log.feed.read(0, 1_000)) {
    for (const { streamVersion: version, hash } of recordedEvents(commit)) {
      yield { stream: commit.stream, version, hash };
    }
  }
}
