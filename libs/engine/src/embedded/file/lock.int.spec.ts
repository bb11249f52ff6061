import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apart, itApart } from '#test/support/process/apart.js';
import { until } from '#test/support/until.js';
import { StoreUnavailable } from '../../port.js';
import { openEmbeddedEngine } from '../open.js';
import { type Child, startChild } from '../testing/child.js';
import { lockDirectory } from './lock.js';

let folder: string;
const open = (readOnly = false) => openEmbeddedEngine({ path: folder, name: 'engine', readOnly });
/** A process that has the engine open, and writes. */
async function serving(command: readonly string[] = []): Promise<Child> {
  const child = startChild('appending.child.ts', [folder], `set -- ${command.join(' ')} "$@";`);
  await child.line('commit ');
  return child;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the lock of a directory', () => {
  it('goes to one of many who ask at the same moment, and to the next after its release', async () => {
    const locks = await Promise.all(Array.from({ length: 8 }, () => lockDirectory(folder, 'engine')));
    const held = locks.filter((lock) => lock !== undefined);
    expect(held).toHaveLength(1);
    expect(await lockDirectory(folder, 'engine')).toBeUndefined();
    held[0]?.release();
    held[0]?.release();
    const next = await lockDirectory(folder, 'engine');
    expect(next).toBeDefined();
    next?.release();
  });

  it('is the same by every path, and another for another name', async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    const lock = await lockDirectory(folder, 'engine');
    expect(await lockDirectory(link, 'engine')).toBeUndefined();
    const other = await lockDirectory(link, 'other');
    expect(other).toBeDefined();
    lock?.release();
    other?.release();
    await rm(link);
  });

  it('is told as what it is where there can be none', async () => {
    await mkdir(join(folder, 'engine.lock'));
    const locked = lockDirectory(folder, 'engine');
    await expect(locked).rejects.toThrow(StoreUnavailable);
    await expect(locked).rejects.toThrow(/engine\.lock cannot be locked: EISDIR/);
  });
});

describe('the lock of a process', () => {
  it('is refused to all others, who may read beside it, and ends with it when it is killed', async () => {
    const child = await serving();
    try {
      await expect(open()).rejects.toThrow(`DATA_DIR ${folder} is in use by another process`);
      const reader = await open(true);
      expect(await reader.log.feed.read(0, 1)).toHaveLength(1);
      await reader.close();
    } finally {
      await child.kill('SIGKILL');
    }
    await (await open()).close();
  });

  itApart('holds over the borders of containers, in both directions, and ends with it there too', async () => {
    const child = await serving(apart);
    try {
      await expect(open()).rejects.toThrow(`DATA_DIR ${folder} is in use by another process`);
      await expect(open(true)).rejects.toThrow(
        `DATA_DIR ${folder} is in use by another container: run this command there`,
      );
    } finally {
      await child.kill('SIGKILL');
    }
    const engine = await until('the kernel has ended what was started there', () => open().catch(() => null));
    await expect(serving(apart)).rejects.toThrow(/is in use by another process/);
    await engine.close();
  });
});
