import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, lockAddress, lockDirectory } from './lock.js';

let folder: string;
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
    await held[0]?.release();
    const next = await lockDirectory(folder, 'engine');
    expect(next).toBeDefined();
    await next?.release();
  });

  it('is the same by every path, and another for another name', async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    const lock = await lockDirectory(folder, 'engine');
    expect(await lockDirectory(link, 'engine')).toBeUndefined();
    const other = await lockDirectory(link, 'other');
    expect(other).toBeDefined();
    await Promise.all([lock?.release(), other?.release(), rm(link)]);
  });
});

describe('the lock where there are no abstract sockets', () => {
  it('is a socket file or a pipe of the user', () => {
    expect(addressOf(folder, 'engine', 'darwin')).toMatch(/twinlock-[0-9a-f]{32}\.sock$/);
    expect(addressOf(folder, 'engine', 'win32')).toMatch(/^\\\\\.\\pipe\\twinlock-[0-9a-f]{32}$/);
  });

  it('is refused while its holder lives, and taken over when it left only the file', async () => {
    const address = join(folder, 'lock.sock');
    const lock = await lockAddress(address);
    expect(lock).toBeDefined();
    expect(await lockAddress(address)).toBeUndefined();
    await lock?.release();

    await writeFile(address, '');
    const next = await lockAddress(address);
    expect(next).toBeDefined();
    await next?.release();
    await expect(stat(address)).rejects.toThrow('ENOENT');
  });

  it('is no lock of ours when another kind of server listens there: refused all the same', async () => {
    const address = join(folder, 'lock.sock');
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(address, resolve));
    expect(await lockAddress(address)).toBeUndefined();
    await new Promise((resolve) => stranger.close(resolve));
  });
});
