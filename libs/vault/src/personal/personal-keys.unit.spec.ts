import { StoreDamaged } from '#libs/engine/src/port.js';
import { MemoryEngine } from '#libs/event-store/src/testing/memory-engine.js';
import { newRingKey } from '../keyring.js';
import { PersonalKeys } from './personal-keys.js';

const [k1, k2] = [newRingKey('k1'), newRingKey('k2')];
const text = 'López <lopez@example.org>';

let engine: MemoryEngine;
let keys: PersonalKeys;
beforeEach(() => {
  engine = new MemoryEngine({ shared: true });
  keys = new PersonalKeys(engine, [k1]);
});

const seal = async (by = keys, account: string | null = 'a1', part = 'person', eventId = 'e1') => ({
  eventId,
  ...(await by.sealingKey('demo', account ?? undefined, part)).seal(text, eventId),
});
const stored = async () => JSON.stringify(await engine.records('personal-keys').list({}));

describe('personal keys', () => {
  it('open what they sealed, in another instance too, and store no key in plain', async () => {
    const sealed = await seal();
    expect(sealed.kid).toBe('a1/person');
    expect(await new PersonalKeys(engine, [k1]).open('demo', [sealed])).toEqual([text]);
    expect(await stored()).toContain('k1');
  });

  it('are made once, whoever asks first', async () => {
    const other = new PersonalKeys(engine, [k1]);
    const sealed = await Promise.all([seal(), seal(other), seal(), seal(other)]);
    expect(await keys.open('demo', sealed)).toEqual(sealed.map(() => text));
  });

  it('answer at once the second time, so that the hot path waits for nothing', async () => {
    await keys.sealingKey('demo', 'a1', '2026-11');
    expect(keys.sealingKey('demo', 'a1', '2026-11')).not.toBeInstanceOf(Promise);
  });

  it.each([
    ['another event', { eventId: 'e2' }],
    ['another account', { kid: 'a2/person' }],
    ['another use', { kid: 'a1/2026-11' }],
    ['no key', { kid: 'nobody' }],
    ['altered bytes', { ciphertext: 'AAAA' }],
  ])('open nothing that is of %s', async (_, change) => {
    await seal(keys, 'a2');
    await seal(keys, 'a1', '2026-11');
    expect(await keys.open('demo', [{ ...(await seal()), ...change }])).toEqual([null]);
  });

  it('of another portal open nothing', async () => {
    await keys.sealingKey('other', 'a1', 'person');
    expect(await keys.open('other', [await seal()])).toEqual([null]);
  });

  it('of one account go together, and none comes again for it', async () => {
    const sealed = [await seal(), await seal(keys, 'a1', '2026-11')];
    const [another, portals] = [await seal(keys, 'a2'), await seal(keys, null, '2026-11')];
    await keys.destroy('demo', 'a1');
    expect(await keys.open('demo', [...sealed, another, portals])).toEqual([null, null, text, text]);
    const late = await seal(keys, 'a1', '2026-12');
    expect(await keys.open('demo', [late])).toEqual([null]);
    expect(await stored()).not.toContain('2026-12');
  });

  it('that were destroyed open nothing in another instance half a second later', async () => {
    const other = new PersonalKeys(engine, [k1]);
    const sealed = await seal();
    expect(await other.open('demo', [sealed])).toEqual([text]);
    await keys.destroy('demo', 'a1');
    const begun = performance.now();
    while ((await other.open('demo', [sealed]))[0] !== null) {
      expect(performance.now() - begun).toBeLessThan(1_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('that cannot be read are damage, which the app tells, and not as if they were destroyed', async () => {
    const sealed = await seal();
    const records = engine.records<object>('personal-keys');
    const [entry] = await records.list({});
    await records.put(entry!.key, { ...entry!.value, sealed: 'AAAA' });
    await expect(new PersonalKeys(engine, [k1]).open('demo', [sealed])).rejects.toThrow(StoreDamaged);
    await expect(engine.check()).rejects.toThrow(StoreDamaged);
  });

  it('of months end by age, those of persons do not', async () => {
    const [old, young, person] = [await seal(keys, 'a1', '2025-09'), await seal(keys, 'a1', '2025-10'), await seal()];
    expect(await keys.destroyBefore('2025-10')).toBe(1);
    expect(await keys.open('demo', [old, young, person])).toEqual([null, text, text]);
  });

  it('come under the present key of the ring by a rotation', async () => {
    const sealed = await seal();
    keys.useRing([k2, k1]);
    expect(await keys.rotate()).toMatchObject({ reencrypted: 1, complete: true });
    expect(await keys.entriesByKey()).toEqual(new Map([['k2', 1]]));
    expect(await new PersonalKeys(engine, [k2]).open('demo', [sealed])).toEqual([text]);
  });
});
