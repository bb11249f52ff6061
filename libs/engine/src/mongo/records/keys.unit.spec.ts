import fc from 'fast-check';
import { anyText } from '#test/support/any-text.js';
import type { Key } from '../../port.js';
import { boundsOf, decodeKey, encodeKey } from './keys.js';

const text = fc.oneof(
  anyText({ maxLength: 6 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '!', '"', '#', '"0', '#1', '\u0000', '\ud7ff', '\ud7ff0', '\ud800', '\udfff', '\ue000', '😀'),
);
const keys = (arity: number) =>
  fc.tuple(...Array.from({ length: arity }, (_, i) => (i % 2 === 0 ? text : fc.maxSafeNat())));
const anyKey: fc.Arbitrary<Key> = fc.oneof(keys(1), keys(2), keys(3));

describe('keys as text', () => {
  it('come back as they were', () => {
    fc.assert(fc.property(anyKey, (key) => expect(decodeKey(encodeKey(key))).toEqual(key)));
  });

  it('are text that UTF-8 carries', () => {
    fc.assert(fc.property(anyKey, (key) => expect(Buffer.from(encodeKey(key)).toString()).toBe(encodeKey(key))));
  });

  it('sort by their bytes as tuples sort part by part', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        const bytes = Buffer.compare(Buffer.from(encodeKey(a)), Buffer.from(encodeKey(b)));
        expect(Math.sign(bytes)).toBe(Math.sign(compareTuples(a, b)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('that begin with a prefix are those within its bounds', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (key, prefix) => {
        const { $gte, $lt } = boundsOf({ prefix }) as { $gte: string; $lt: string };
        const bytes = Buffer.from(encodeKey(key));
        const within = Buffer.compare(bytes, Buffer.from($gte)) >= 0 && Buffer.compare(bytes, Buffer.from($lt)) < 0;
        expect(within).toBe(prefix.every((part, i) => key[i] === part));
      }),
      { numRuns: 1_000 },
    );
  });

  it('read well', () => {
    expect(encodeKey(['demo', 'alice', 12])).toBe('demo!alice!#0000000000000012!');
  });

  it.each([[[-1]], [[1.5]], [[Number.MAX_SAFE_INTEGER + 1]], [['x'.repeat(1901)]]])('refuses %j', (key) => {
    expect(() => encodeKey(key)).toThrow(TypeError);
  });
});

function compareTuples(a: Key, b: Key): number {
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    const order =
      typeof part === 'number' && typeof other === 'number' ? part - other : compareText(String(part), String(other));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareText(a: string, b: string): number {
  const [x, y] = [a, b].map((one) => Array.from(one, (character) => character.codePointAt(0) ?? 0)) as [
    number[],
    number[],
  ];
  for (const [i, code] of x.entries()) {
    const other = y[i];
    if (other === undefined) return 1;
    if (code !== other) return code - other;
  }
  return x.length - y.length;
}
