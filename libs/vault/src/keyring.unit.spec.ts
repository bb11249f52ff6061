import { inspect } from 'node:util';
import fc from 'fast-check';
import { formatKeyRing, KeyRing, KeyRingInvalid, newRingKey, parseKeyRing, type RingKey } from './keyring.js';

const ringKeys: fc.Arbitrary<RingKey[]> = fc
  .uniqueArray(fc.stringMatching(/^[A-Za-z0-9_.-]{1,32}$/), { minLength: 1, maxLength: 5 })
  .map((ids) => ids.map(newRingKey));

const keyText = newRingKey('x').key.toString('base64');
const textOf = (byte: (index: number) => number) =>
  Buffer.from(Array.from({ length: 32 }, (_, i) => byte(i))).toString('base64');

describe('parseKeyRing', () => {
  it('reads what formatKeyRing wrote, also with white space around entries', () => {
    fc.assert(
      fc.property(ringKeys, (keys) => {
        expect(parseKeyRing(formatKeyRing(keys))).toEqual(keys);
        expect(parseKeyRing(`${formatKeyRing(keys).replaceAll(',', ' ,\n')}\n`)).toEqual(keys);
      }),
    );
  });

  const other = newRingKey('y').key.toString('base64');
  const half = newRingKey('z').key;
  it.each([
    ['nothing', '', /entry 1 of the key ring is not id:key/],
    ['a key alone', keyText, /entry 1 of the key ring is not id:key/],
    ['an entry after a comma too many', `k1:${keyText},`, /entry 2 of the key ring is not id:key/],
    ['id and key the wrong way round', `${keyText}:k1`, /the key of entry 1 of the key ring is not Base64/],
    ['a key in hex', `k1:${'ab'.repeat(32)}`, /entry 1 of the key ring has 48 bytes instead of 32/],
    ['a key that was cut', `k1:${keyText.slice(0, 40)}`, /entry 1 of the key ring has 30 bytes instead of 32/],
    ['a key without its padding', `k1:${keyText.slice(0, 43)}`, /entry 1 of the key ring is not Base64/],
    ['a key with a stray character', `k1:${keyText.slice(0, 20)}!${keyText.slice(20)}`, /is not Base64/],
    ['no id', `:${keyText}`, /the id of entry 1 of the key ring is not/],
    ['an id with a space', `k 1:${keyText}`, /the id of entry 1 of the key ring is not/],
    ['an id of 33 characters', `${'k'.repeat(33)}:${keyText}`, /the id of entry 1 of the key ring is not/],
    ['an id twice', `k1:${keyText},k1:${other}`, /the id of entry 2 of the key ring is that of entry 1/],
    ['a key of zeros', `k1:${keyText},k2:${textOf(() => 0)}`, /the key of entry 2 of the key ring is not random/],
    ['a key of one byte', `k1:${textOf(() => 0x5a)}`, /the key of entry 1 of the key ring is not random/],
    ['a key of few bytes', `k1:${textOf((i) => i % 8)}`, /is not random/],
    ['half a key twice', `k1:${textOf((i) => half[i % 16]!)}`, /is not random/],
    ['a row of numbers', `k1:${textOf((i) => i)}`, /is not random/],
    ['a row of numbers backwards', `k1:${textOf((i) => 300 - 3 * i)}`, /is not random/],
    ['a key twice', `k1:${keyText},k2:${keyText}`, /the key of entry 2 of the key ring is that of entry 1/],
  ])('refuses %s, and says why without showing a key', (_, text, message) => {
    let error: unknown;
    try {
      parseKeyRing(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(KeyRingInvalid);
    expect((error as Error).message).toMatch(message);
    expect(inspect(error)).not.toContain(keyText.slice(0, 12));
  });
});

describe('KeyRing', () => {
  const keys = [newRingKey('k1'), newRingKey('k2')];

  it('derives one key for each use and ring key, always the same', () => {
    const exported = (ring: KeyRing, label: string) =>
      [...ring.derive(label).byId].map(([id, key]) => `${id}:${key.export().toString('hex')}`);
    const ring = new KeyRing(keys);
    expect(exported(ring, 'a')).toEqual(exported(new KeyRing(keys), 'a'));
    expect(new Set([...exported(ring, 'a'), ...exported(ring, 'b')]).size).toBe(4);
    expect(ring.derive('a')).toBe(ring.derive('a'));
    expect(ring.derive('a').present).toEqual({ id: 'k1', key: ring.derive('a').byId.get('k1') });
  });

  it('derives by HKDF-SHA-256: a known value', () => {
    const ring = new KeyRing([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
    expect(ring.derive('twinlock vault entry 1').present.key.export().toString('hex')).toBe(
      '40dd191a6023f2b226d0be46f3d68462fb7284b9a20d8fc5f439d9ac6a03733a',
    );
  });

  it('shows no key when it is logged', () => {
    const ring = new KeyRing(keys);
    ring.derive('a');
    const shown = inspect(ring, { depth: 10, showHidden: true }) + JSON.stringify(ring);
    for (const { key } of keys) {
      expect(shown).not.toContain(key.toString('hex').slice(0, 8));
      expect(shown).not.toContain(key.toString('base64').slice(0, 8));
      expect(shown).not.toContain([...key.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '));
    }
  });

  it('keeps its keys when the buffers given are zeroed', () => {
    const given = newRingKey('k1');
    const before = new KeyRing([{ ...given, key: Buffer.from(given.key) }]).derive('a').present.key;
    const ring = new KeyRing([given]);
    given.key.fill(0);
    expect(ring.derive('a').present.key.equals(before)).toBe(true);
  });

  it('refuses to be empty', () => {
    expect(() => new KeyRing([])).toThrow(KeyRingInvalid);
  });
});
