import fc from 'fast-check';
import { anyText } from '#test/support/any-text.js';
import { InvalidKey } from '../../invalid-key.js';
import type { Key } from '../../port.js';
import { above, following, keyBytes, keyCoding, positionCoding } from './keys.js';

const text = fc.oneof(
  anyText({ maxLength: 30 }),
  fc.string({ unit: fc.constantFrom('\u0000', '\u0001', 'a', '\u00ff', '\ud800', '\udc00', '😀'), maxLength: 90 }),
);
const number = fc.oneof(fc.maxSafeNat(), fc.nat(300));
/** Two keys of the same kinds of parts. */
const alike = fc
  .array(fc.boolean(), { minLength: 1, maxLength: 4 })
  .map((kinds) => fc.tuple(...kinds.map((isText) => (isText ? text : number))))
  .chain((key) => fc.tuple(key, key));

describe('the bytes of keys', () => {
  it('come back as the tuple', () => {
    fc.assert(
      fc.property(alike, ([key]) => {
        const bytes = keyBytes(key);
        // What another key left behind the end must not count.
        const used = Uint8Array.of(7, ...bytes, 0xff, 0x41);
        expect(keyCoding.readKey(used, 1, 1 + bytes.length)).toEqual(key);
      }),
    );
  });

  it('sort as the tuples do, and differ where they differ', () => {
    fc.assert(
      fc.property(alike, ([a, b]) => {
        expect(Math.sign(Buffer.compare(keyBytes(a), keyBytes(b)))).toBe(Math.sign(compare(a, b)));
      }),
    );
  });

  it('have bounds: from the prefix to above it lies what begins with it, and nothing else', () => {
    fc.assert(
      fc.property(alike, fc.nat(3), ([prefix, other], cut) => {
        const begin = other.slice(0, cut);
        const longer: Key = [...prefix, ...begin];
        expect(Buffer.compare(keyBytes(prefix), keyBytes(longer))).toBeLessThanOrEqual(0);
        expect(Buffer.compare(above(keyBytes(prefix)), keyBytes(longer))).toBe(1);
        if (compare(prefix, other) < 0) {
          expect(Buffer.compare(above(keyBytes(prefix)), keyBytes(other))).toBe(-1);
          expect(Buffer.compare(following(keyBytes(prefix)), keyBytes(other))).toBe(-1);
        }
      }),
    );
  });

  it('are not made of what is no key', () => {
    for (const part of [-1, 1.5, Number.NaN, Infinity, 2 ** 53]) expect(() => keyBytes([part])).toThrow(InvalidKey);
    expect(() => keyBytes(['x'.repeat(1901)])).toThrow(InvalidKey);
    expect(() => keyBytes(['€'.repeat(700)])).toThrow(InvalidKey);
    expect(() => keyBytes(Array.from({ length: 400 }, () => 1))).toThrow(InvalidKey);
  });

  it('of positions sort as numbers', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 - 1 }), fc.integer({ min: 0, max: 2 ** 48 - 1 }), (small, large) => {
        const [a, b] = [new Uint8Array(6), new Uint8Array(6)];
        positionCoding.writeKey(small, a, 0);
        positionCoding.writeKey(large, b, 0);
        expect(positionCoding.readKey(b, 0)).toBe(large);
        expect(Buffer.compare(a, b)).toBe(Math.sign(small - large));
      }),
    );
  });
});

/** By code point, half a surrogate pair as itself. */
function compare(a: Key, b: Key): number {
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (typeof part === 'number' && typeof other === 'number' && part !== other) return part - other;
    if (typeof part === 'string' && typeof other === 'string' && part !== other) return compareText(part, other);
  }
  return 0;
}

function compareText(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (const [i, character] of left.entries()) {
    const difference = (character.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
