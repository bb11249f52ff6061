import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { pino } from 'pino';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { eventually } from '#libs/messaging/src/testing/eventually.js';
import { KeyTimes } from '#libs/vault/src/key-times.js';
import { formatKeyRing, newRingKey, type RingKey } from '#libs/vault/src/keyring.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { KeyRingRotation } from './key-ring-rotation.js';
import { replacePrivate } from './secrets.js';

const [k1, k2, k3] = ['k1', 'k2', 'k3'].map(newRingKey) as [RingKey, RingKey, RingKey];
const key = { portal: 'demo', account: 'a1', id: 's1' };

let folder: string;
let file: string;
let rotation: KeyRingRotation | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ring-'));
  file = join(folder, 'vault-keys');
});
afterEach(async () => {
  await rotation?.onApplicationShutdown();
  rotation = undefined;
  rmSync(folder, { recursive: true });
});

/** An app whose ring is in that file, with one entry under the first key in the second of its stores. */
async function serving(...ring: RingKey[]) {
  const lines: { reason?: string; keyIds?: string[] }[] = [];
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  const times = new KeyTimes(new MemoryEngine(), Date.now);
  const made = new KeyRingRotation({ name: 'VAULT_KEYS', keys: ring, file }, logger, times);
  rotation = made;
  const storing = () => made.use((keys) => new RecordsVault(new MemoryEngine({ shared: true }), keys));
  storing();
  const vault = storing();
  let sealing: readonly RingKey[] = [];
  made.use(() => ({ useRing: (others) => (sealing = others) }));
  await vault.put(key, Buffer.from('secret'));
  await made.onModuleInit();
  made.onApplicationBootstrap();
  const under = async () => Object.fromEntries(await vault.entriesByKey());
  const readable = async () => (await vault.get(key))?.toString() === 'secret';
  const told = () => lines.flatMap(({ reason }) => reason ?? []);
  return { made, times, under, readable, told, lines, sealing: () => sealing.map(({ id }) => id) };
}
const put = (...ring: RingKey[]) => replacePrivate(file, `${formatKeyRing(ring)}\n`);

it('takes each step of a rotation over and says so', async () => {
  put(k1);
  const { under, readable, lines, sealing } = await serving(k1);
  const rings = () => lines.flatMap(({ keyIds }) => (keyIds ? [keyIds.join()] : []));
  for (const [step, ring] of [[k1, k2], [k2, k1], [k2]].entries()) {
    put(...ring);
    await eventually(() => expect(rings()).toEqual(['k1,k2', 'k2,k1', 'k2'].slice(0, step + 1)));
    await eventually(async () => expect(await under()).toEqual({ [ring[0]!.id]: 1 }));
    expect(await readable()).toBe(true);
    expect(sealing()).toEqual(ring.map(({ id }) => id));
  }
});

it('notes each key when it comes, and knows when nothing is left under the ones before', async () => {
  put(k1);
  const began = Date.now();
  const { made, times, under } = await serving(k1);
  expect([made.keyIds, made.reEncryption]).toEqual([['k1'], 'complete']);
  const first = await times.of(['k1', 'k2']);
  expect([...first.keys()]).toEqual(['k1']);
  expect(first.get('k1')).toBeGreaterThanOrEqual(began);
  const rotating = jest.spyOn(RecordsVault.prototype, 'rotate').mockRejectedValue(new Error('the store is away'));
  put(k2, k1);
  await eventually(() => expect([made.keyIds, made.reEncryption]).toEqual([['k2', 'k1'], 'incomplete']));
  await eventually(async () => expect((await times.of(['k1', 'k2'])).size).toBe(2));
  expect((await times.of(['k1'])).get('k1')).toBe(first.get('k1'));
  rotating.mockRestore();
  put(k2, k1, k3);
  expect(await under()).toEqual({ k1: 1 });
  await eventually(() => expect([made.keyIds.length, made.reEncryption]).toEqual([3, 'complete']));
  expect(await under()).toEqual({ k2: 1 });
});

it('serves where the times cannot be noted', async () => {
  put(k1);
  const noting = jest.spyOn(KeyTimes.prototype, 'note').mockRejectedValue(new Error('the disk is full'));
  try {
    const { readable, lines } = await serving(k1);
    expect(await readable()).toBe(true);
    expect(lines).toMatchObject([{ msg: expect.stringContaining('could not be noted') }]);
  } finally {
    noting.mockRestore();
  }
});

it('refuses at the start a ring that lacks a key of any store', async () => {
  const engine = new MemoryEngine();
  await new RecordsVault(engine, [k1]).put(key, Buffer.from('secret'));
  const startWith = (...ring: RingKey[]) => {
    const started = new KeyRingRotation({ name: 'VAULT_KEYS', keys: ring }, pino({ level: 'silent' }));
    for (const store of [new MemoryEngine(), engine]) started.use((keys) => new RecordsVault(store, keys));
    return started.onModuleInit();
  };
  await expect(startWith(k2)).rejects.toThrow(
    /^VAULT_KEYS does not contain the key k1, which stored secrets are encrypted with$/,
  );
  await expect(startWith(k2, k1)).resolves.toBeUndefined();
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
  const { readable, told, under, lines } = await serving(k1, k2);
  const rotating = jest.spyOn(RecordsVault.prototype, 'rotate').mockRejectedValue(new Error('the store is away'));
  put(k2, k1);
  await eventually(() => expect(lines.map(({ keyIds }) => keyIds?.join())).toContain('k2,k1'));
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
