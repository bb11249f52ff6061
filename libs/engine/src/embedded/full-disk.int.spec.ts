import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitOf, everything } from '../testing/commits.js';
import { openEmbeddedEngine } from './open.js';
import { startChild } from './testing/child.js';

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'engine-'));
});
afterEach(() => rm(path, { recursive: true }));

describe('a data file that cannot grow', () => {
  it.each([1, 40])(
    'lets nothing through that might not fit, %d at once, and goes on after it',
    async (atOnce) => {
      const child = startChild('filling.child.ts', [path, String(atOnce)]);
      expect(await child.ended).toBe(0);
      expect(child.lines).toEqual([
        'StoreUnavailable: /engine.mdb: the data file has reached the largest size that is allowed',
        expect.stringMatching(/^written \d+$/),
      ]);
      const written = Number(child.lines.at(-1)?.split(' ')[1]);
      // The point of the test: the room that is kept was used, again and again.
      expect(written).toBeGreaterThan(60);
      const engine = await openEmbeddedEngine({ path, name: 'engine' });
      expect(await everything(engine.log)).toHaveLength(written);
      await engine.close();
    },
    60_000,
  );
});

describe('a data file', () => {
  it('is longer than what is in it while it is open, and no longer once it is closed', async () => {
    const size = async () => (await stat(join(path, 'engine.mdb'))).size;
    const engine = await openEmbeddedEngine({ path, name: 'engine' });
    await engine.log.append(commitOf({ stream: 'portal/account' }));
    expect(await size()).toBeGreaterThan(512 * 1024);
    await engine.close();
    expect(await size()).toBeLessThan(128 * 1024);
  });
});
