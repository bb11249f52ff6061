import caseFoldingCommon from '@unicode/unicode-15.1.0/Case_Folding/C/code-points.mjs';
import caseFoldingFull from '@unicode/unicode-15.1.0/Case_Folding/F/code-points.mjs';
import bidiControls from '@unicode/unicode-15.1.0/Binary_Property/Bidi_Control/code-points.mjs';
import changesWhenFolded from '@unicode/unicode-15.1.0/Binary_Property/Changes_When_NFKC_Casefolded/code-points.mjs';
import defaultIgnorable from '@unicode/unicode-15.1.0/Binary_Property/Default_Ignorable_Code_Point/code-points.mjs';
import controls from '@unicode/unicode-15.1.0/General_Category/Control/code-points.mjs';
import formats from '@unicode/unicode-15.1.0/General_Category/Format/code-points.mjs';
import letters from '@unicode/unicode-15.1.0/General_Category/Letter/code-points.mjs';
import marks from '@unicode/unicode-15.1.0/General_Category/Nonspacing_Mark/code-points.mjs';
import unassigned from '@unicode/unicode-15.1.0/General_Category/Unassigned/code-points.mjs';
import fc from 'fast-check';
import { foldCase, foldUsername, MAX_FOLDED_BYTES } from './fold.js';
import { isAssigned, isReadable, isVisible } from './readable.js';

const everyCharacter = Array.from({ length: 0x110000 }, (_, codePoint) => String.fromCodePoint(codePoint));
const charactersOf = (codePoints: readonly number[]) => new Set(codePoints.map((each) => everyCharacter[each]!));
const where = (is: (character: string) => boolean) => new Set(everyCharacter.filter(is));

const known = everyCharacter.filter(isAssigned);
/** Texts of letters and marks from all over Unicode, in any order: what composes, decomposes and folds. */
const oneOf = (characters: Iterable<string>) => fc.constantFrom(...characters);
const text = fc
  .array(
    fc.oneof(
      fc.nat(known.length - 1).map((at) => known[at]!),
      oneOf(charactersOf([...caseFoldingCommon.keys(), ...caseFoldingFull.keys()])),
      oneOf(charactersOf(marks)),
    ),
    { maxLength: 12 },
  )
  .map((characters) => characters.join(''));

describe('folding, over all of Unicode', () => {
  it('is that of the Unicode data', () => {
    const expected = (codePoint: number) =>
      String.fromCodePoint(...[caseFoldingFull.get(codePoint) ?? caseFoldingCommon.get(codePoint) ?? codePoint].flat());
    const others = everyCharacter.filter((character, codePoint) => foldCase(character) !== expected(codePoint));
    expect(others).toEqual([]);
  });

  it('changes a name where NFKC_Casefold does, which also leaves out what no name may hold', () => {
    const ignored = charactersOf(defaultIgnorable);
    const changed = known.filter((character) => !ignored.has(character) && foldUsername(character) !== character);
    expect(changed).toEqual([...charactersOf(changesWhenFolded)].filter((character) => !ignored.has(character)));
  });

  it('is done in one round', () => {
    expect(known.filter((character) => foldUsername(foldUsername(character)) !== foldUsername(character))).toEqual([]);
    fc.assert(
      fc.property(text, (name) => expect(foldUsername(foldUsername(name))).toBe(foldUsername(name))),
      { numRuns: 5_000 },
    );
  });

  it('makes one of all that fold or normalize to the same', () => {
    fc.assert(
      fc.property(text, (name) => {
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
          expect(foldUsername(name.normalize(form))).toBe(foldUsername(name));
        }
        expect(foldUsername(foldCase(name.normalize('NFKC')))).toBe(foldUsername(name));
      }),
      { numRuns: 5_000 },
    );
  });

  it('makes a character of a name at most five bytes', () => {
    const normal = known.filter((character) => character.normalize('NFKC') === character);
    const bytes = new Set(normal.map((character) => Buffer.byteLength(foldUsername(character))));
    expect([...bytes].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(128 * 5).toBe(MAX_FOLDED_BYTES);
  });
});

describe('names that are one', () => {
  it.each([
    ['straße', 'STRAẞE', 'STRASSE', 'Strasse'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος', 'σίσυφοσ'],
    ['ﬃx', 'FFIX', 'ffix'],
    ['ǆ', 'ǅ', 'Ǆ', 'dž'],
    ['K', 'k', 'K'],
    ['Ꮳꮃꭹ', 'ᏣᎳᎩ'],
    ['ΐ', 'Ϊ́', 'ΐ'],
    ['ａｌｉｃｅ', 'Alice'],
  ])('%s', (...names) => {
    expect(new Set(names.map(foldUsername)).size).toBe(1);
  });

  it.each([
    ['ilgaz', 'ılgaz'],
    ['İlgaz', 'ilgaz'],
    ['å', 'a'],
    ['о', 'o'],
  ])('%s and %s are two', (one, other) => {
    expect(foldUsername(one)).not.toBe(foldUsername(other));
  });
});

describe('what is seen, over all of Unicode', () => {
  it('has no unassigned character', () => {
    expect(where((character) => !isAssigned(character))).toEqual(charactersOf(unassigned));
  });

  it('has no control, no bidi control, nothing ignorable, no format but signs around digits', () => {
    const hidden = where((character) => !isVisible(character));
    for (const each of [controls, bidiControls, defaultIgnorable].map(charactersOf)) {
      expect([...each].filter((character) => !hidden.has(character))).toEqual([]);
    }
    const shown = [...charactersOf(formats)].filter((character) => !hidden.has(character));
    expect(shown.map((character) => character.codePointAt(0)!.toString(16)).join(' ')).toBe(
      '600 601 602 603 604 605 6dd 70f 890 891 8e2 110bd 110cd',
    );
  });

  it('has every letter but the fillers of Hangul', () => {
    const hidden = letters.filter((letter) => !isVisible(String.fromCodePoint(letter)));
    expect(hidden).toEqual([0x115f, 0x1160, 0x3164, 0xffa0]);
  });

  it.each([
    ['a line end', 'a\nb'],
    ['NUL', 'a\u0000b'],
    ['a line separator', 'a\u2028b'],
    ['an override', 'a\u202eb'],
    ['an isolate', 'a\u2066b'],
    ['a space without width', 'a\u200bb'],
    ['a soft hyphen', 'a\u00adb'],
    ['a byte order mark in it', 'a\ufeffb'],
    ['a variation selector', 'a\ufe0fb'],
    ['a tag', 'a\u{e0041}b'],
    ['a blank of Braille', 'a\u2800b'],
    ['half a surrogate pair', 'a\ud800b'],
    ['a noncharacter', 'a\uffffb'],
  ])('has not %s', (_, name) => {
    expect([isVisible(name), isReadable(name)]).toEqual([false, false]);
  });
});

describe('a joiner in a name that is read', () => {
  it.each([
    ['between Persian letters that join', 'می\u200cخواهم', true],
    ['with marks between', 'بَ\u200cَب', true],
    ['after a virama', 'क्\u200cष', true],
    ['after a virama', 'क्\u200dष', true],
    ['between letters that do not join', 'a\u200cb', false],
    ['between emoji', '👩\u200d💻', false],
    ['after a letter that joins to no next one', 'د\u200cب', false],
    ['before nothing', 'ب\u200c', false],
    ['after nothing', '\u200cب', false],
    ['twice', 'ب\u200c\u200cب', false],
    ['between letters that join, and wide', 'ب\u200dب', false],
  ])('%s: %j', (_, name, taken) => {
    expect([isReadable(name), isVisible(name)]).toEqual([taken, false]);
  });
});
