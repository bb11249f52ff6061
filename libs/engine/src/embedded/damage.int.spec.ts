import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreDamaged, StoreUnavailable } from '../port.js';
import { commitOf, commitsOf, everything } from '../testing/commits.js';
import { type EmbeddedEngine, openEmbeddedEngine } from './open.js';

let path: string;
let engine: EmbeddedEngine;
const openHere = async (): Promise<void> => {
  engine = await openEmbeddedEngine({ path, name: 'engine' });
};
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'engine-'));
  await openHere();
});
afterEach(async () => {
  await engine.close();
  await rm(path, { recursive: true });
});

/** Changes what stands in the file, with another text of the same length, wherever it stands. */
async function alter(before: string, after: string): Promise<void> {
  await engine.close();
  const file = join(path, 'engine.mdb');
  const bytes = await readFile(file);
  let found = 0;
  for (let at = bytes.indexOf(before); at >= 0; at = bytes.indexOf(before, at + 1)) {
    bytes.write(after, at);
    found++;
  }
  expect([found > 0, after.length]).toEqual([true, before.length]);
  await writeFile(file, bytes);
  await openHere();
}

describe('what was altered in the file', () => {
  const bodies = (word: string): string[] => [JSON.stringify({ first: true }), JSON.stringify({ word })];

  it('is refused when it is an event: stream and version are named', async () => {
    const sound = commitOf({ stream: 'portal/sound' });
    await engine.log.append(sound);
    await engine.log.append(commitOf({ stream: 'portal/altered', events: bodies('original') }));
    await engine.log.append(commitOf({ stream: 'portal/after' }));
    await alter('original', 'OriginaL');

    const named = 'stream portal/altered, version 2: the stored event does not match its hash';
    for (const read of [
      () => engine.log.read('portal/altered'),
      () => engine.log.head('portal/altered'),
      () => engine.log.feed.read(0, 10),
    ]) {
      await expect(read()).rejects.toThrow(StoreDamaged);
      await expect(read()).rejects.toThrow(named);
    }
    expect(await engine.log.read('portal/sound')).toEqual([sound]);
    expect(await engine.log.feed.read(0, 1)).toHaveLength(1);
    await expect(engine.check()).rejects.toThrow(named);
  });

  it('is refused at the start when it is the last commit, and the directory is free for another try', async () => {
    await engine.log.append(commitOf({ stream: 'portal/altered', events: bodies('original') }));
    const file = join(path, 'engine.mdb');
    for (let i = 0; i < 2; i++) {
      const refused = alter(i === 0 ? 'original' : 'OriginaL', 'OriginaL');
      await expect(refused).rejects.toThrow(StoreDamaged);
      await expect(refused).rejects.toThrow(
        `${file} is damaged: stream portal/altered, version 2: the stored event does not match its hash. Restore it`,
      );
    }
    const tool = await openEmbeddedEngine({ path, name: 'engine', readOnly: true });
    await expect(tool.log.read('portal/altered')).rejects.toThrow(StoreDamaged);
    await tool.close();
    await writeFile(file, (await readFile(file)).toString('latin1').replaceAll('OriginaL', 'original'), 'latin1');
    await openHere();
  });

  it('is refused when it is what stands beside the events', async () => {
    const command = { id: 'command', digest: 'digest', answer: 'accepted' };
    await engine.log.append(commitOf({ stream: 'portal/altered', metadata: { command } }));
    await engine.log.append(commitOf({ stream: 'portal/after' }));
    await alter('accepted', 'declined');
    await expect(engine.log.findCommand('portal/altered', 'command')).rejects.toThrow(StoreDamaged);
    await expect(engine.log.read('portal/altered')).rejects.toThrow(StoreDamaged);
    await expect(engine.log.feed.read(0, 10)).rejects.toThrow('position 1 of the log');
  });

  it('is refused when it is a record, which is named, without what it held', async () => {
    const records = engine.records<string>('things');
    await records.put(['portal', 7], 'original');
    await alter('original', 'OriginaL');
    const again = engine.records<string>('things');
    const refused = again.get(['portal', 7]);
    await expect(refused).rejects.toThrow(StoreDamaged);
    await expect(refused).rejects.toThrow('the record ["portal", 7] of things does not match its checksum');
    await expect(again.list({})).rejects.toThrow(StoreDamaged);
    await again.put(['portal', 7], 'written again');
    expect(await again.get(['portal', 7])).toBe('written again');
    await expect(engine.check()).rejects.toThrow('["portal", 7] of things');
  });

  it('is refused when it is the name of the stream of a commit, which no longer fits its place', async () => {
    for (const commit of commitsOf('portal/x-first', [1, 1, 1])) await engine.log.append(commit);
    await engine.log.append(commitOf({ stream: 'portal/z-after' }));
    await alter('"portal/x-first",2', '"portal/x-other",2');
    await expect(engine.log.read('portal/x-first')).rejects.toThrow(StoreDamaged);
  });
});

describe('a backup', () => {
  let target: string;
  beforeEach(async () => {
    target = await mkdtemp(join(tmpdir(), 'backup-'));
  });
  afterEach(() => rm(target, { recursive: true }));

  it('has what was durable, compacted, taken while others write; an engine opens on it', async () => {
    const records = engine.records<string>('things');
    for (let i = 0; i < 5; i++) {
      await records.write(Array.from({ length: 200 }, (_, n) => ({ put: [n], value: `${i}`.repeat(2000) })));
    }
    await records.clear();
    await records.put(['kept'], 'value');
    const commits = commitsOf('portal/account', [1, 2, 1]);
    for (const commit of commits) await engine.log.append(commit);

    const during = commitsOf(
      'portal/during',
      Array.from({ length: 50 }, () => 1),
    );
    const writing = (async () => {
      for (const commit of during) await engine.log.append(commit);
    })();
    await engine.backup(target);
    await writing;
    expect(await readdir(target)).toEqual(['engine.mdb']);
    expect((await stat(join(target, 'engine.mdb'))).size).toBeLessThan((await stat(join(path, 'engine.mdb'))).size / 4);

    const restored = await openEmbeddedEngine({ path: target, name: 'engine' });
    try {
      expect(await restored.log.read('portal/account')).toEqual(commits);
      expect(await restored.records('things').list({})).toEqual([{ key: ['kept'], value: 'value' }]);
      const copied = await restored.log.read('portal/during');
      expect(copied).toEqual(during.slice(0, copied.length));
      await restored.log.append(commitOf({ version: 5 }));
      const items = await everything(restored.log);
      expect(new Set(items.map(({ position }) => position)).size).toBe(items.length);
    } finally {
      await restored.close();
    }
  });

  it('is refused where there is one already', async () => {
    await engine.backup(target);
    await expect(engine.backup(target)).rejects.toThrow(StoreUnavailable);
  });
});
