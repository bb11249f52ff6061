import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { pino } from 'pino';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { eventually } from '#libs/messaging/src/testing/eventually.js';
import { testConfig } from '#libs/platform/src/testing/stand-ins.js';
import { replacePrivate } from '#libs/platform/src/settings/secrets.js';
import { formatKeyRing, newRingKey, type RingKey } from '#libs/vault/src/keyring.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { ChallengeSealer } from '../challenge/sealed-challenge.js';
import { VaultRotation } from './vault-rotation.js';

const [k1, k2, k3] = ['k1', 'k2', 'k3'].map(newRingKey) as [RingKey, RingKey, RingKey];
const key = { portal: 'demo', account: 'a1', id: 's1' };

let folder: string;
let file: string;
let rotation: VaultRotation | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ring-'));
  file = join(folder, 'vault-keys');
});
afterEach(async () => {
  await rotation?.onApplicationShutdown();
  rotation = undefined;
  rmSync(folder, { recursive: true });
});

/** An app whose ring is in that file, with one entry under the first key. */
async function serving(...ring: RingKey[]) {
  const vault = new RecordsVault(new MemoryEngine({ shared: true }), ring);
  await vault.put(key, Buffer.from('secret'));
  const lines: { reason?: string; keyIds?: string[] }[] = [];
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  const config = { ...testConfig, vaultKeys: ring, vaultKeysFile: file };
  rotation = new VaultRotation(vault, new ChallengeSealer(ring), config, logger);
  rotation.onApplicationBootstrap();
  const under = async () => Object.fromEntries(await vault.entriesByKey());
  const readable = async () => (await vault.get(key))?.toString() === 'secret';
  return { under, readable, told: () => lines.flatMap(({ reason }) => reason ?? []), lines };
}
const put = (...ring: RingKey[]) => replacePrivate(file, `${formatKeyRing(ring)}\n`);

it('takes each step of a rotation over and says so', async () => {
  put(k1);
  const { under, readable, lines } = await serving(k1);
  const rings = () => lines.flatMap(({ keyIds }) => (keyIds ? [keyIds.join()] : []));
  for (const [step, ring] of [[k1, k2], [k2, k1], [k2]].entries()) {
    put(...ring);
    await eventually(() => expect(rings()).toEqual(['k1,k2', 'k2,k1', 'k2'].slice(0, step + 1)));
    await eventually(async () => expect(await under()).toEqual({ [ring[0]!.id]: 1 }));
    expect(await readable()).toBe(true);
  }
});

it.each([
  ['lacks the key that this instance encrypts under', [k3], /lacks k1, under which this instance encrypts/],
  ['has another key under the id of the present one', [{ ...k3, id: 'k1' }], /lacks k1/],
])('keeps its ring, tells it once and still decrypts when the one in the file %s', async (_, ring, reason) => {
  put(k1);
  const { readable, told } = await serving(k1);
  put(...ring);
  await eventually(() => expect(told()).toEqual([expect.stringMatching(reason)]));
  put(...ring);
  writeFileSync(join(folder, 'beside'), '');
  expect(await readable()).toBe(true);
  replacePrivate(file, 'no ring');
  await eventually(() => expect(told()).toHaveLength(2));
  expect(told()[1]).toMatch(/entry 1 of the key ring is not id:key/);
});

it('keeps its ring while others can read the one in the file', async () => {
  put(k1);
  const { told, under } = await serving(k1);
  writeFileSync(`${file}.open`, formatKeyRing([k2, k1]));
  chmodSync(`${file}.open`, 0o644);
  renameSync(`${file}.open`, file);
  await eventually(() =>
    expect(told()).toEqual([expect.stringMatching(/a file that others can read: .* \(mode 0644/)]),
  );
  expect(await under()).toEqual({ k1: 1 });
  chmodSync(file, 0o600);
  await eventually(async () => expect(await under()).toEqual({ k2: 1 }));
});

it('keeps a key that entries are under, and lets it go when they are not', async () => {
  put(k1, k2);
  const { readable, told, under } = await serving(k1, k2);
  const rotating = jest.spyOn(RecordsVault.prototype, 'rotate').mockRejectedValueOnce(new Error('the store is away'));
  put(k2, k1);
  await eventually(() => expect(rotating).toHaveBeenCalled());
  put(k2);
  await eventually(() => expect(told()).toEqual([expect.stringMatching(/lacks k1, and entries are under it/)]));
  expect(await readable()).toBe(true);
  rotating.mockRestore();
  put(k2, k1, k3);
  await eventually(async () => expect(await under()).toEqual({ k2: 1 }));
  expect(await readable()).toBe(true);
});

it('takes over a ring in a mounted folder, where links are changed and not the file', async () => {
  const version = (name: string, ...ring: RingKey[]) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'vault-keys'), formatKeyRing(ring), { mode: 0o600 });
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  version('..1', k1);
  symlinkSync('..data/vault-keys', file);
  const { under } = await serving(k1);
  version('..2', k2, k1);
  await eventually(async () => expect(await under()).toEqual({ k2: 1 }));
});

it('takes over a ring where nothing tells of a change', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance', 'queueMicrotask'] });
  try {
    const elsewhere = mkdtempSync(join(tmpdir(), 'ring-'));
    writeFileSync(join(elsewhere, 'keys'), formatKeyRing([k1]), { mode: 0o600 });
    symlinkSync(join(elsewhere, 'keys'), file);
    const { under } = await serving(k1);
    await eventually(() => expect(jest.getTimerCount()).toBe(1));
    writeFileSync(join(elsewhere, 'keys'), formatKeyRing([k2, k1]));
    jest.advanceTimersByTime(10_000);
    await eventually(async () => expect(await under()).toEqual({ k2: 1 }));
    rmSync(elsewhere, { recursive: true });
  } finally {
    jest.useRealTimers();
  }
});
