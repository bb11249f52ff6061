import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Preallocation } from './preallocation.js';

const KB = 1024;
const MB = 1024 * KB;

let folder: string;
let file: string;
let now: number;
/** What LMDB uses of the file, and what is left on the disk. */
let used: number;
let left: number;
let space: Preallocation;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  file = join(folder, 'data.mdb');
  [now, used, left] = [0, 8 * KB, 1000 * MB];
  await writeFile(file, Buffer.alloc(used, 1));
  space = new Preallocation(
    file,
    () => used,
    () => now,
    () => left,
  );
});
afterEach(async () => {
  space.close();
  await rm(folder, { recursive: true });
});
const unused = async () => (await stat(file)).size - used;

describe('space for the writes of a data file', () => {
  it('is there before they need it, for all that are in flight, and grows with use', async () => {
    expect(space.shortage(0, 1)).toBeUndefined();
    expect(await unused()).toBeGreaterThan(512 * KB);
    expect(space.shortage(255, 100)).toBeUndefined();
    expect(await unused()).toBeGreaterThan(4 * MB);
    used += await unused();
    now = 1000;
    expect(space.shortage(0, 1)).toBeUndefined();
    expect(await unused()).toBeGreaterThan(512 * KB);
  });

  it('that the disk lacks is missed before LMDB would, and found again by itself', async () => {
    expect(space.shortage(0, 1)).toBeUndefined();
    left = 4 * MB - 1;
    now = 1000;
    expect(space.shortage(0, 1)?.message).toBe(`${file}: no space left on the disk`);
    left = 100 * MB;
    now += 250;
    expect(space.shortage(0, 1)).toBeUndefined();
  });
});
