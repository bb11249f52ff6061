import fc from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 };

/** Of all code points but surrogates, which are none alone. */
const codePoint = fc.nat(0x10ffff - SURROGATES.count).map(textOf, numberOf);

/** As `fc.string({ unit: 'binary' })` makes it, which spends a second of each spec file on a table of all code points. */
export const anyText = (length: { readonly maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ ...length, unit: codePoint });

function textOf(number: number): string {
  return String.fromCodePoint(number < SURROGATES.first ? number : number + SURROGATES.count);
}

function numberOf(text: unknown): number {
  const point = String(text).codePointAt(0) ?? 0;
  const number = point < SURROGATES.first ? point : point - SURROGATES.count;
  if (textOf(number) !== text) throw new TypeError('not one code point');
  return number;
}
