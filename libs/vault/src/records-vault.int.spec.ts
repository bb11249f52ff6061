import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base32nopad } from '@scure/base';
import { type EmbeddedEngine, openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { newSecret } from '#libs/totp/src/totp.js';
import { newRingKey } from './keyring.js';
import { RecordsVault } from './records-vault.js';

const [k1, k2] = [newRingKey('k1'), newRingKey('k2')];
const where = { portal: 'demo', account: 'a1' };

describe('the vault in the embedded engine', () => {
  let path: string;
  let engine: EmbeddedEngine;
  const open = async () => (engine = await openEmbeddedEngine({ path, name: 'two-factor' }));

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'vault-'));
    await open();
  });
  afterEach(async () => {
    await engine.close();
    await rm(path, { recursive: true });
  });

  it('has after a restart what was put, and destroys before it is ready what no event names', async () => {
    const secret = newSecret();
    const before = new RecordsVault(engine, [k1]);
    await before.put({ ...where, id: 'old' }, newSecret());
    await before.keepOnly('demo', 'a1', async () => ['old']);
    await before.put({ ...where, id: 'named' }, secret);
    await before.put({ ...where, account: 'a2', id: 'orphan' }, newSecret());
    await engine.close();

    const vault = new RecordsVault(await open(), [k2, k1]);
    expect(await vault.recover(async (_, account) => (account === 'a1' ? ['named'] : []))).toBe(2);
    expect(await vault.get({ ...where, id: 'named' })).toEqual(secret);
    expect(await vault.get({ ...where, id: 'old' })).toBeUndefined();
    expect(await vault.entriesByKey()).toEqual(new Map([['k1', 1]]));
    expect(await vault.recover(async () => [])).toBe(0);
  });

  it('rotates while entries are put, read and destroyed', async () => {
    const secrets = new Map(Array.from({ length: 300 }, (_, index) => [`s${index}`, newSecret()]));
    const vault = new RecordsVault(engine, [k1]);
    await Promise.all([...secrets].map(([id, secret]) => vault.put({ ...where, id }, secret)));

    vault.useRing([k2, k1]);
    const gone = [...secrets.keys()].filter((_, index) => index % 7 === 0);
    const added = Array.from({ length: 50 }, (_, index) => `t${index}`);
    for (const id of added) secrets.set(id, newSecret());
    const [report] = await Promise.all([
      vault.rotate(),
      ...gone.map((id) => vault.destroy('demo', 'a1', [id])),
      ...added.map((id) => vault.put({ ...where, id }, secrets.get(id)!)),
      ...[...secrets.keys()].map((id) => vault.get({ ...where, id })),
    ]);
    expect(report).toMatchObject({ complete: true, damaged: [] });
    expect(await vault.entriesByKey()).toEqual(new Map([['k2', secrets.size - gone.length]]));

    const without = new RecordsVault(engine, [k2]);
    for (const [id, secret] of secrets) {
      expect(await without.get({ ...where, id })).toEqual(gone.includes(id) ? undefined : secret);
    }
  });

  it('leaves no secret readable in a file', async () => {
    const secrets = Array.from({ length: 20 }, () => newSecret());
    const vault = new RecordsVault(engine, [k1]);
    await Promise.all(secrets.map((secret, index) => vault.put({ ...where, id: `s${index}` }, secret)));
    vault.useRing([k2, k1]);
    await vault.rotate();
    await engine.close();
    const files = await Promise.all((await readdir(path)).map((name) => readFile(join(path, name))));
    await open();

    const bytes = Buffer.concat(files);
    expect(bytes.includes('demo')).toBe(true);
    for (const secret of secrets) {
      expect(bytes.includes(secret)).toBe(false);
      for (const text of [secret.toString('hex'), secret.toString('base64'), base32nopad.encode(secret)]) {
        expect(bytes.includes(text)).toBe(false);
      }
    }
  });
});
