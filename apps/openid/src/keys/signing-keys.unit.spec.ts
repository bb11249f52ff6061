import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '#libs/vault/src/keyring.js';
import { SealedPayloads } from '../storage/sealed-payloads.js';
import { PUBLISHED_AFTER_MS, PUBLISHED_BEFORE_MS } from './key-states.js';
import { SIGNING_KEYS, SigningKeys } from './signing-keys.js';

const [older, newer] = [newRingKey('k1'), newRingKey('k2')];

/** Of one store and one clock so many instances. */
function instances(count = 1) {
  const engine = new MemoryEngine();
  const time = { now: Date.UTC(2026, 10, 24, 9) };
  const payloads = new SealedPayloads([older]);
  const all = Array.from({ length: count }, () => new SigningKeys(engine, () => time.now, payloads));
  return { engine, time, payloads, all, keys: all[0]! };
}
const statesOf = async (keys: SigningKeys) => (await keys.all()).map(({ number, state }) => [number, state]);
const kidsOf = async (keys: SigningKeys) => (await keys.all()).map(({ jwk }) => jwk.kid);

describe('signing keys', () => {
  it('are made when they are first asked for, one for all instances', async () => {
    const { engine, all } = instances(3);
    const found = await Promise.all(all.map((one) => one.published()));
    expect(new Set(found.map((keys) => keys.map(({ kid }) => kid).join())).size).toBe(1);
    expect(found[0]).toMatchObject([{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }]);
    const stored = JSON.stringify(await engine.records(SIGNING_KEYS).list({}));
    expect(stored).not.toContain(found[0]![0]!.d);
  });

  it('follow the key ring, so that an old key can be retired', async () => {
    const { payloads, keys } = instances();
    await keys.rotate({ atOnce: true });
    await keys.rotate({ atOnce: false });
    const before = await keys.all();
    payloads.useRing([newer, older]);
    await keys.reseal();
    payloads.useRing([newer]);
    expect(await keys.all()).toEqual(before);
  });

  it('that cannot be opened are an error, until they are replaced at once', async () => {
    const { engine, time, keys } = instances();
    await keys.all();
    const others = new SigningKeys(engine, () => time.now, new SealedPayloads([newer]));
    await expect(others.all()).rejects.toThrow('not in VAULT_KEYS');
    await others.rotate({ atOnce: true });
    expect(await others.all()).toHaveLength(1);
  });
});

describe('a rotation', () => {
  it('publishes the new key a day before it signs, and the old one as long as its tokens are in use', async () => {
    const { engine, time, keys } = instances();
    const [first] = await kidsOf(keys);
    await keys.rotate({ atOnce: false });
    const [second] = await kidsOf(keys);
    expect((await keys.published()).map(({ kid }) => kid)).toEqual([first, second]);
    time.now += PUBLISHED_BEFORE_MS;
    expect(await statesOf(keys)).toEqual([
      [2, 'signing'],
      [1, 'previous'],
    ]);
    expect((await new SigningKeys(engine, () => time.now, new SealedPayloads([older])).published())[0]?.kid).toBe(
      second,
    );
    time.now += PUBLISHED_AFTER_MS - 1;
    await keys.sweep();
    expect(await kidsOf(keys)).toEqual([second, first]);
    time.now += 1;
    expect(await kidsOf(keys)).toEqual([second]);
    await keys.sweep();
    expect(await engine.records(SIGNING_KEYS).list({})).toHaveLength(1);
    await keys.rotate({ atOnce: false });
    expect(await statesOf(keys)).toEqual([
      [3, 'next'],
      [2, 'signing'],
    ]);
  });

  it('is one of many at once, and none while the new key does not sign', async () => {
    const { time, all, keys } = instances(8);
    await keys.all();
    const tries = await Promise.allSettled(all.map((one) => one.rotate({ atOnce: false })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await statesOf(keys)).toHaveLength(2);
    time.now += PUBLISHED_BEFORE_MS - 1;
    const signsFrom = new Date(time.now + 1).toISOString();
    await expect(keys.rotate({ atOnce: false })).rejects.toMatchObject({
      code: 'rotation-under-way',
      detail: expect.stringContaining(signsFrom) as string,
    });
    time.now += 1;
    await keys.rotate({ atOnce: false });
    expect(await statesOf(keys)).toEqual([
      [3, 'next'],
      [2, 'signing'],
      [1, 'previous'],
    ]);
  });

  it('at once leaves none of the keys of before, also where others rotate at the same moment', async () => {
    const { engine, all, keys } = instances(4);
    const [first] = await kidsOf(keys);
    await keys.rotate({ atOnce: false });
    const before = await kidsOf(keys);
    expect(before).toContain(first);
    const [[...tries]] = await Promise.all([
      Promise.allSettled(all.slice(1).map((one) => one.rotate({ atOnce: false }))),
      keys.rotate({ atOnce: true }),
    ]);
    // one of the others may have come after it
    expect(tries.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    const after = await kidsOf(keys);
    expect(after.filter((kid) => before.includes(kid))).toEqual([]);
    await keys.sweep();
    expect(await kidsOf(keys)).toEqual(after);
    expect(await engine.records(SIGNING_KEYS).list({})).toHaveLength(after.length);
  });
});
