import { existsSync } from 'node:fs';
import { mkdtemp, open as openFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreDamaged } from '../../port.js';
import { commitOf } from '../../testing/commits.js';
import { type EmbeddedEngine, openEmbeddedEngine } from '../open.js';
import { checkDataFile } from './integrity.js';

const PAGE = 4096;
let folder: string;
let file: string;
let mark: string;
let engine: EmbeddedEngine;
let damage: StoreDamaged[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  file = join(folder, 'engine.mdb');
  mark = `${file}.unchecked`;
  damage = [];
  engine = await open();
  await write(0, 400);
  // some thousand pages, which take many turns
  await engine
    .records('large')
    .write(Array.from({ length: 2500 }, (_, i) => ({ put: [i], value: 'z'.repeat(3 * 1024) })));
  await engine.close();
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const open = () =>
  openEmbeddedEngine({
    path: folder,
    name: 'engine',
    checkedAtOnceUpTo: 0,
    onDamage: (found) => damage.push(found),
  });

async function write(from: number, count: number): Promise<void> {
  const padding = 'x'.repeat(500);
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      engine.log.append(commitOf({ stream: `portal/${from + i}`, events: [JSON.stringify({ i, padding })] })),
    ),
  );
}

/** Each takes pages of the last and leaves its own: what is free changes all the time. */
async function writeOver(times: number): Promise<void> {
  const records = engine.records<string>('counts');
  for (let time = 0; time < times; time++) {
    await records.write(
      Array.from({ length: 60 }, (_, i) => ({ put: ['n', i], value: 'y'.repeat((i * 97 * time) % 5000) })),
    );
  }
}

async function ended(): Promise<void> {
  while (existsSync(mark)) await nextTurn();
}

/** The first page of leaves with this text on it becomes nothing. */
async function breakPageWith(text: string): Promise<void> {
  const handle = await openFile(file, 'r+');
  try {
    const bytes = Buffer.alloc((await stat(file)).size);
    await handle.read(bytes, 0, bytes.length, 0);
    const page = Math.floor(bytes.indexOf(text) / PAGE);
    await handle.write(Buffer.alloc(PAGE, 0x5a), 0, PAGE, page * PAGE);
  } finally {
    await handle.close();
  }
}

describe('a big data file', () => {
  it('is checked while it is written, and found whole', async () => {
    engine = await open();
    await writeOver(20);
    await engine.close();
    for (let round = 1; round <= 5; round++) {
      engine = await open();
      expect(existsSync(mark)).toBe(true);
      await Promise.all([writeOver(10), write(1000 * round, 300)]);
      await ended();
      await writeOver(1);
      await engine.check();
      await engine.close();
      expect(checkDataFile(file, { whole: true })).toBe(true);
    }
    expect(damage).toEqual([]);
  });

  it('that is damaged refuses all from when that is found, and every later start', async () => {
    await breakPageWith('portal/200');
    engine = await open();
    const records = engine.records('counts');
    const refused = async () => {
      for (;;) {
        await engine.check();
        await nextTurn();
      }
    };
    await expect(refused()).rejects.toThrow(StoreDamaged);
    expect(damage).toEqual([expect.any(StoreDamaged)]);
    await expect(engine.log.append(commitOf({ stream: 'portal/new' }))).rejects.toThrow(`${file} is damaged`);
    await expect(records.get(['n', 1])).rejects.toThrow(StoreDamaged);
    await expect(engine.backup(join(folder, 'copy'))).rejects.toThrow(StoreDamaged);
    await engine.close();
    for (let i = 0; i < 2; i++) await expect(open()).rejects.toThrow(StoreDamaged);
  });

  it('whose last check a crash cut off is checked before it is opened', async () => {
    await writeFile(mark, '');
    engine = await open();
    expect(existsSync(mark)).toBe(false);
    await engine.close();
    await breakPageWith('portal/200');
    await writeFile(mark, '');
    await expect(open()).rejects.toThrow(StoreDamaged);
  });

  it('that is closed before its check has ended leaves no mark', async () => {
    engine = await open();
    await engine.close();
    expect(existsSync(mark)).toBe(false);
  });
});
