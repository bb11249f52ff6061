import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreUnavailable } from '../port.js';
import { commitOf, everything } from '../testing/commits.js';
import { openEmbeddedEngine } from './open.js';
import { startChild } from './testing/child.js';

describe('an engine whose process is killed', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'engine-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  it('has all that was acknowledged, whole and in order, and goes on at once', async () => {
    const acknowledged = new Map<string, string>();
    const counts = new Map<string, number>();
    for (const run of ['first', 'second', 'third']) {
      const child = startChild('appending.child.ts', [path, '16', run]);
      await child.line(`record portal/${run}-7 20`);
      await child.kill('SIGKILL');
      for (const line of child.lines) {
        const [kind, stream = '', version = '', commitId = ''] = line.split(' ');
        if (kind === 'commit') acknowledged.set(`${stream} ${version}`, commitId);
        if (kind === 'record') counts.set(stream, Number(version));
      }
    }
    expect(acknowledged.size).toBeGreaterThan(3 * 20);

    const engine = await openEmbeddedEngine({ path, name: 'engine' });
    try {
      const stored = new Map<string, string>();
      let last = 0;
      for (const { position, commit } of await everything(engine.log, 512)) {
        expect(position).toBeGreaterThan(last);
        last = position;
        stored.set(`${commit.stream} ${commit.version}`, commit.commitId);
      }
      for (const [place, commitId] of acknowledged) expect([place, stored.get(place)]).toEqual([place, commitId]);
      for (const [stream, version] of counts) {
        expect((await engine.log.read(stream)).length).toBeGreaterThanOrEqual(version);
        expect(await engine.records<number>('counts').get([stream])).toBeGreaterThanOrEqual(version);
      }
      const next = commitOf({ stream: 'portal/next' });
      await engine.log.append(next);
      expect((await engine.log.feed.read(last, 10)).map(({ commit }) => commit)).toEqual([next]);
    } finally {
      await engine.close();
    }
  });
});

describe('an engine that another process serves from', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'engine-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  it('is refused with one line until that process ends, however it ends', async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const child = startChild('reading.child.ts', [path, 'hold']);
      await child.line('read');
      const refused = openEmbeddedEngine({ path, name: 'engine' });
      await expect(refused).rejects.toThrow(StoreUnavailable);
      await expect(refused).rejects.toThrow(`DATA_DIR ${path} is in use by another process`);
      await child.kill(signal);
      await (await openEmbeddedEngine({ path, name: 'engine' })).close();
    }
  });

  it('is refused in the same process too, and free again once it is closed', async () => {
    const engine = await openEmbeddedEngine({ path, name: 'engine' });
    await expect(openEmbeddedEngine({ path: `${path}/.`, name: 'engine' })).rejects.toThrow('is in use');
    await engine.close();
    await (await openEmbeddedEngine({ path, name: 'engine' })).close();
  });

  it('can be read beside it, as it grows', async () => {
    const child = startChild('appending.child.ts', [path, '4', 'run']);
    await child.line('record portal/run-0 5');
    const reader = await openEmbeddedEngine({ path, name: 'engine', readOnly: true });
    try {
      for (const version of [100, 300]) {
        await child.line(`record portal/run-1 ${version}`);
        expect((await reader.log.read('portal/run-1')).length).toBeGreaterThanOrEqual(version);
        expect(await reader.records<number>('counts').get(['portal/run-1'])).toBeGreaterThanOrEqual(version);
      }
      await expect(reader.log.append(commitOf())).rejects.toThrow(StoreUnavailable);
      await expect(reader.records('counts').put(['a'], 1)).rejects.toThrow(StoreUnavailable);
      await expect(reader.records('others').put(['a'], 1)).rejects.toThrow(StoreUnavailable);
      expect(await reader.records('others').list({})).toEqual([]);
    } finally {
      await reader.close();
      await child.kill('SIGKILL');
    }
  });
});

describe('an engine on a full disk', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'engine-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  it('answers that it is unavailable, keeps serving, and has what it acknowledged', async () => {
    const blocks = 3000;
    const child = startChild('appending.child.ts', [path, '4', 'run'], `ulimit -f ${blocks};`);
    expect(await child.line('failed')).toMatch('failed StoreUnavailable: ');
    expect(await child.line('read')).toMatch(/^read [1-9]/);
    expect(await child.line('closed')).toBe('closed');
    expect(await child.ended).toBe(0);

    const acknowledged = child.lines.filter((line) => line.startsWith('commit')).map((line) => line.split(' ')[3]);
    const engine = await openEmbeddedEngine({ path, name: 'engine' });
    try {
      const stored = new Set<string>();
      for (const { commit } of await everything(engine.log, 512)) stored.add(commit.commitId);
      expect(acknowledged.filter((commitId) => !stored.has(commitId ?? ''))).toEqual([]);
      await engine.log.append(commitOf({ stream: 'portal/next' }));
      await engine.check();
    } finally {
      await engine.close();
    }
  });
});
