import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { SealedPayloads } from '../storage/sealed-payloads.js';
import { SIGNING_KEYS, SigningKeys } from './signing-keys.js';

const [older, newer] = [newRingKey('k1'), newRingKey('k2')];
const now = Date.UTC(2026, 10, 24, 9);

describe('signing keys', () => {
  it('are made when they are first asked for, one for all instances', async () => {
    const engine = new MemoryEngine();
    const instances = [1, 2, 3].map(() => new SigningKeys(engine, () => now, new SealedPayloads([older])));
    const found = await Promise.all(instances.map((one) => one.all()));
    expect(new Set(found.map((keys) => keys.map(({ kid }) => kid).join())).size).toBe(1);
    expect(found[0]).toMatchObject([{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }]);
    const stored = JSON.stringify(await engine.records(SIGNING_KEYS).list({}));
    expect(stored).not.toContain(found[0]![0]!.d);
  });

  it('follow the key ring, so that an old key can be retired', async () => {
    const engine = new MemoryEngine();
    const payloads = new SealedPayloads([older]);
    const keys = new SigningKeys(engine, () => now, payloads);
    const before = await keys.all();
    payloads.useRing([newer, older]);
    await keys.reseal();
    payloads.useRing([newer]);
    expect(await keys.all()).toEqual(before);
  });

  it('that cannot be opened are an error, and are not replaced', async () => {
    const engine = new MemoryEngine();
    await new SigningKeys(engine, () => now, new SealedPayloads([older])).all();
    const others = new SigningKeys(engine, () => now, new SealedPayloads([newer]));
    await expect(others.all()).rejects.toThrow('not in VAULT_KEYS');
  });
});
