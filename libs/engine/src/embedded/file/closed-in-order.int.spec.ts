import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreDamaged } from '../../port.js';
import { commitOf } from '../../testing/commits.js';
import { openEmbeddedEngine } from '../open.js';
import { startChild } from '../testing/child.js';

const PAGE = 4096;
let folder: string;
let file: string;
const open = () => openEmbeddedEngine({ path: folder, name: 'engine' });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  file = join(folder, 'engine.mdb');
  const engine = await open();
  const padding = 'x'.repeat(500);
  await Promise.all(
    Array.from({ length: 400 }, (_, i) =>
      engine.log.append(commitOf({ stream: `portal/${i}`, events: [JSON.stringify({ i, padding })] })),
    ),
  );
  await engine.close();
});
afterEach(() => rm(folder, { recursive: true }));

/** A page of the log that a start does not read becomes nothing, unseen by who looks at length and time. */
function rot(): void {
  const reference = join(folder, 'reference');
  copyFileSync(file, reference);
  execFileSync('touch', ['-r', file, reference]);
  const bytes = readFileSync(file);
  const page = Math.floor(bytes.indexOf('portal/200') / PAGE);
  writeFileSync(file, bytes.fill(0x5a, page * PAGE, (page + 1) * PAGE));
  execFileSync('touch', ['-r', reference, file]);
}

describe('a data file', () => {
  it('that is as an orderly end has left it is opened without a look at its pages', async () => {
    rot();
    const engine = await open();
    expect(existsSync(`${file}.closed`)).toBe(false);
    await engine.check();
    await engine.close();
  });

  it('that was written since is checked first', async () => {
    rot();
    execFileSync('touch', [file]);
    for (let i = 0; i < 2; i++) await expect(open()).rejects.toThrow(StoreDamaged);
  });

  it('whose process was killed is checked first', async () => {
    const child = startChild('appending.child.ts', [folder]);
    await child.line('commit ');
    await child.kill('SIGKILL');
    expect(existsSync(`${file}.closed`)).toBe(false);
    rot();
    await expect(open()).rejects.toThrow(StoreDamaged);
  });

  it('that damage was met in is checked first', async () => {
    const bytes = readFileSync(file).toString('latin1');
    writeFileSync(file, bytes.replace('"i":200', '"i":201'), 'latin1');
    const engine = await open();
    await expect(engine.log.read('portal/200')).rejects.toThrow(StoreDamaged);
    await engine.close();
    rot();
    await expect(open()).rejects.toThrow(StoreDamaged);
  });

  it('that a tool reads is checked in any case', async () => {
    rot();
    await expect(openEmbeddedEngine({ path: folder, name: 'engine', readOnly: true })).rejects.toThrow(StoreDamaged);
  });
});
