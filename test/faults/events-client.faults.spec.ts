import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess } from '#test/support/process/end-process.js';
import { until } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { randomFromEnvironment } from './support/random.js';

const ROUNDS = Number(process.env.FAULTS_ROUNDS ?? 12);
const program = join(import.meta.dirname, '../../dist/examples/siem/siem.js');

const stack = useStack({ env: { LOG_LEVEL: 'error' } });
const portal = usePortal(stack);
const random = randomFromEnvironment();
let folder: string;
let file: string;
let env: Record<string, string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'twinlock-siem-'));
  file = join(folder, 'events.ndjson');
  const { token } = await portal.serviceToken('events');
  env = { PATH: process.env.PATH ?? '', TWINLOCK_URL: stack.origin, TWINLOCK_TOKEN: token, PORTAL: portal.id };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const consumer = (): ChildProcess & { said?: string } => {
  const child: ChildProcess & { said?: string } = spawn(process.execPath, [program, file], { env });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (child.said = (child.said ?? '') + text));
  return child;
};
/** Ids of events that stand in the file, with whatever a crash left of a last line. */
const ids = (): string[] => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { metadata: { uid: string } }).metadata.uid);
};

/** Ids of all events, that of an account among them which is registered now. */
async function withOneMore(): Promise<string[]> {
  const user = await portal.register();
  return until('the new account can be read', async () => {
    const events = await portal.readEvents();
    return events.some(({ account }) => account === user.id) && events.map(({ id }) => id);
  });
}

it('whatever ends it, a consumer that keeps effect and position together has each event once', async () => {
  let told = true;
  const telling = (async () => {
    while (told) {
      const user = await portal.register();
      for (let tries = 0; tries < 3; tries += 1) await user.enterWrongPassword();
    }
  })();
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = ids().length;
    const child = consumer();
    const more = random.between(1, 6);
    await until('it goes on', () => ids().length >= before + more, 30_000);
    expect(child.exitCode).toBeNull();
    await endProcess(child, 'SIGKILL');
  }
  told = false;
  await telling;

  const child = consumer();
  const recorded = (await portal.readEvents()).map(({ id }) => id);
  await until('it has all', () => ids().length >= recorded.length, 30_000);
  // it is told nothing of what comes next while the product is away, and goes on when it is back
  await stack.restart();
  const all = await withOneMore();
  await until('it has the new account', () => ids().length >= all.length, 30_000);
  expect(await endProcess(child, 'SIGTERM')).toBe(0);
  expect([...ids()].sort()).toEqual([...all].sort());
  expect(new Set(ids()).size).toBe(all.length);
});

it('a consumer that died between the event and its position goes on after the event', async () => {
  const before = readFileSync(file, 'utf8');
  const journal = readFileSync(`${file}.positions`, 'utf8');
  writeFileSync(file, `${before}{"class_uid":30`);
  writeFileSync(`${file}.positions`, journal.slice(0, journal.lastIndexOf('\n', journal.length - 2) + 1));
  const recorded = await withOneMore();
  const child = consumer();
  await until('it has all', () => ids().length >= recorded.length, 30_000);
  expect(await endProcess(child, 'SIGTERM')).toBe(0);
  expect([...ids()].sort()).toEqual([...recorded].sort());
});

it('a consumer whose positions are of another log ends, and says where', async () => {
  const stream = `identity:${portal.id}/${(await portal.register()).id}`;
  const forged = `${JSON.stringify({ [stream]: `1.${'0'.repeat(64)}` })}\n`;
  writeFileSync(`${file}.positions`, forged, { flag: 'a' });
  const child = consumer();
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1);
  expect(child.said).toContain(`version 1 of ${stream}, is not chained to the last event of its stream`);
});
