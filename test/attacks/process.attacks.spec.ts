import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess } from '#test/support/process/end-process.js';
import { standalone, twinlock } from '#test/support/process/stack.js';
import { Started } from '#test/support/process/started.js';
import { until } from '#test/support/until.js';
import { useStack } from '#test/support/use-stack.js';

const stack = useStack();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('a signal from another process of the user opens no inspector', async () => {
  process.kill(stack.pid, 'SIGUSR1');
  // Node opens it in a thread of its own, and says so at once
  for (let i = 0; i < 50; i += 1) expect((await stack.api.raw('GET', '/health/live')).status).toBe(200);
  expect(stack.output()).not.toMatch(/debugger|inspector/i);
});

it('whatever files it is allowed to make, nobody else reads its stores, its keys and their copies', async () => {
  const open = ['/bin/sh', '-c', 'umask 0; exec "$@"', 'sh'];
  const env = { PORT: '0', DATA_DIR: join(folder, 'data') };
  const product = new Started(standalone, env, open);
  await until('it serves', () => product.lines().some((line) => line.startsWith('Twinlock is at')));
  await endProcess(product.child, 'SIGTERM');
  const backup = new Started(twinlock, env, open, ['backup', join(folder, 'backup')]);
  expect(await backup.ended()).toMatchObject({ code: 0 });

  const made = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const names = ['data/vault-keys', 'data/two-factor/two-factor.mdb', 'backup/two-factor/two-factor.mdb'];
  expect(made).toEqual(expect.arrayContaining(names));
  const others = made.filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0);
  expect(others).toEqual([]);
});
