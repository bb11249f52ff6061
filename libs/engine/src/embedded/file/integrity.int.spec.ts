import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { StoreDamaged, StoreUnavailable } from '../../port.js';
import { commitOf } from '../../testing/commits.js';
import { openEmbeddedEngine } from '../open.js';
import { startChild } from '../testing/child.js';
import { checkDataFile } from './integrity.js';

const PAGE = 4096;
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  file = join(folder, 'engine.mdb');
});
afterEach(() => rm(folder, { recursive: true }));

/** Streams of single commits, records of all sizes: trees with branches, and values on pages of their own. */
async function fill(commits: number): Promise<void> {
  const engine = await openEmbeddedEngine({ path: folder, name: 'engine' });
  const padding = 'x'.repeat(500);
  await Promise.all(
    Array.from({ length: commits }, (_, i) =>
      engine.log.append(commitOf({ stream: `portal/${i}`, events: [JSON.stringify({ i, padding })] })),
    ),
  );
  const records = engine.records<string>('counts');
  await records.write(Array.from({ length: commits }, (_, i) => ({ put: ['n', i], value: 'y'.repeat(i % 900) })));
  await records.put(['large'], 'z'.repeat(3 * PAGE));
  await engine.close();
}

describe('a data file', () => {
  it.each([1, 60, 900])('of %d commits is opened; cut off anywhere, it is refused', async (commits) => {
    await fill(commits);
    await checkDataFile(file);
    const { size } = await stat(file);
    const lengths = [
      size - 1,
      size - PAGE,
      size - PAGE - 100,
      Math.floor(size / 2),
      2 * PAGE,
      2 * PAGE - 1,
      PAGE,
      100,
      1,
    ];
    for (const length of lengths) {
      await truncate(file, length);
      await expect(openEmbeddedEngine({ path: folder, name: 'engine' })).rejects.toThrow(StoreDamaged);
      await expect(openEmbeddedEngine({ path: folder, name: 'engine', readOnly: true })).rejects.toThrow(StoreDamaged);
    }
  });

  it('that was cut off is named, with its length and the one it should have', async () => {
    await fill(60);
    const { size } = await stat(file);
    await truncate(file, size - PAGE);
    await expect(openEmbeddedEngine({ path: folder, name: 'engine' })).rejects.toThrow(
      `${file} is damaged: it is cut off: ${size - PAGE} bytes, where the last transaction left ${size}.`,
    );
  });

  it('that is refused leaves its directory free for another try', async () => {
    await fill(1);
    const whole = await readFile(file);
    await truncate(file, whole.length - 1);
    await expect(openEmbeddedEngine({ path: folder, name: 'engine' })).rejects.toThrow(StoreDamaged);
    await writeFile(file, whole);
    await (await openEmbeddedEngine({ path: folder, name: 'engine' })).close();
  });

  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is text', Buffer.from('{"not": "a database"}\n'.repeat(1000))],
    ['is zeros', Buffer.alloc(8 * PAGE)],
  ])('that %s is refused, and stays as it is', async (_, content) => {
    await writeFile(file, content);
    await expect(openEmbeddedEngine({ path: folder, name: 'engine' })).rejects.toThrow(StoreDamaged);
    expect(await readFile(file)).toEqual(content);
  });

  it('is made where there is none, and looked for where it is only read', async () => {
    const path = join(folder, 'not', 'yet');
    await expect(openEmbeddedEngine({ path, name: 'engine', readOnly: true })).rejects.toThrow(StoreUnavailable);
    await (await openEmbeddedEngine({ path, name: 'engine' })).close();
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it('cannot be below another file: one clear error', async () => {
    await writeFile(join(folder, 'plain'), '');
    const refused = openEmbeddedEngine({ path: join(folder, 'plain', 'data'), name: 'engine' });
    await expect(refused).rejects.toThrow(StoreUnavailable);
    await expect(refused).rejects.toThrow('cannot be written');
  });

  it('with a page that was overwritten or a number that was changed never ends the process', async () => {
    await fill(300);
    const whole = await readFile(file);
    const pages = whole.length / PAGE;
    const damaged = join(folder, 'damaged');
    await mkdir(damaged);
    let refused = 0;
    const damage = fc.record({
      page: fc.integer({ min: 0, max: pages - 1 }),
      kind: fc.constantFrom('zeros', 'noise', 'a bit of the header', 'a bit of the pointers', 'another page'),
      at: fc.nat(PAGE - 1),
      bit: fc.nat(7),
    });
    const cases = fc.sample(damage, { numRuns: 24, seed: 20_261_124 });
    for (const { page, kind, at, bit } of cases) {
      const bytes = Buffer.from(whole);
      const place = bytes.subarray(page * PAGE, (page + 1) * PAGE);
      if (kind === 'zeros') place.fill(0);
      if (kind === 'noise') for (let i = 0; i < PAGE; i++) place[i] = (i * 131 + at) % 251;
      if (kind === 'another page') whole.copy(place, 0, ((page + 1) % pages) * PAGE, (((page + 1) % pages) + 1) * PAGE);
      if (kind === 'a bit of the header') place[at % 24]! ^= 1 << bit;
      if (kind === 'a bit of the pointers') place[24 + (at % 80)]! ^= 1 << bit;
      await writeFile(join(damaged, 'engine.mdb'), bytes);
      const child = startChild('reading.child.ts', [damaged]);
      expect([kind, page, at, await child.ended]).toEqual([kind, page, at, 0]);
      const said = child.lines.at(-1) ?? '';
      expect(said).toMatch(/^(read \d+ commits, \d+ records$|StoreDamaged: )/);
      if (said.startsWith('StoreDamaged')) refused++;
    }
    expect(refused).toBeGreaterThan(cases.length / 3);
  }, 120_000);
});

describe('the check of a data file', () => {
  it('finds nothing wrong with what LMDB writes, whatever is put, deleted, cleared and read meanwhile', async () => {
    const step = fc.record({
      collection: fc.constantFrom('a', 'b', 'c'),
      from: fc.nat(400),
      count: fc.integer({ min: 1, max: 150 }),
      size: fc.oneof({ weight: 9, arbitrary: fc.nat(900) }, { weight: 1, arbitrary: fc.nat(30_000) }),
      action: fc.oneof(
        { weight: 6, arbitrary: fc.constant('put') },
        { weight: 4, arbitrary: fc.constant('delete') },
        { weight: 1, arbitrary: fc.constantFrom('clear', 'put and delete') },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        await rm(file, { force: true });
        const engine = await openEmbeddedEngine({ path: folder, name: 'engine' });
        for (const { collection, from, count, size, action } of steps) {
          const records = engine.records<string>(collection);
          const keys = Array.from({ length: count }, (_, i) => [from + i]);
          const puts = action.startsWith('put') ? keys.map((key) => ({ put: key, value: 'v'.repeat(size) })) : [];
          const deletions = action.endsWith('delete') ? keys.map((key) => ({ delete: key })) : [];
          await (action === 'clear' ? records.clear() : records.write([...puts, ...deletions]));
        }
        await checkDataFile(file);
        const reading = checkDataFile(file);
        for (let i = 0; i < 20; i++) await engine.records<string>('a').put([i], 'w'.repeat(100 * i));
        await reading;
        await engine.close();
        await checkDataFile(file);
      }),
      { numRuns: 10 },
    );
  });

  it('tells what keeps it from reading from damage', async () => {
    await mkdir(file);
    await expect(checkDataFile(file)).rejects.toThrow(StoreUnavailable);
  });
});
