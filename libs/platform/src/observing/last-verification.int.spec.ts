import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { LastVerification } from './last-verification.js';

const outcome = { at: '2026-11-24T09:30:00.000Z', intact: true, events: 12, problems: 0, chainBreaks: 0 };
let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'verification-'))));
afterEach(() => rmSync(dataDir, { recursive: true }));

describe.each([
  ['beside an embedded store', undefined],
  ['in a shared store', 'mongodb://db.example/twinlock'],
])('the last verification, %s', (_, mongoUrl) => {
  it('is read by whoever has the same store, the newest alone', async () => {
    const engine = new MemoryEngine();
    const last = () => new LastVerification({ dataDir, ...(mongoUrl !== undefined && { mongoUrl }) }, engine);
    expect(await last().read()).toBeUndefined();
    await last().note(outcome);
    await last().note({ ...outcome, intact: false, problems: 3 });
    expect(await last().read()).toEqual({ ...outcome, intact: false, problems: 3 });
  });
});

it('what stands in its place and is none is not told', async () => {
  const last = new LastVerification({ dataDir }, new MemoryEngine());
  await last.note(outcome);
  const file = join(dataDir, 'last-verification.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const text of ['', '{', '"intact"', '{"intact":true}', JSON.stringify({ ...outcome, by: 'somebody' })]) {
    writeFileSync(file, text);
    expect(await last.read()).toBeUndefined();
  }
});
