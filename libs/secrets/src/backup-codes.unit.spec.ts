import fc from 'fast-check';
import { anyText } from '#test/support/any-text.js';
import {
  findBackupCode,
  hashBackupCode,
  newBackupCodes,
  normalizeBackupCode,
  parseHashes,
  serializeHashes,
} from './backup-codes.js';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const codes = fc
  .array(fc.constantFrom(...base32), { minLength: 16, maxLength: 16 })
  .map((characters) => characters.join(''));

const hashesOf = (setId: string, shown: readonly string[]) =>
  shown.map((code) => hashBackupCode(setId, normalizeBackupCode(code)!));

describe('newBackupCodes', () => {
  it('makes ten of 16 Base32 characters in groups of four, none twice', () => {
    const sets = Array.from({ length: 50 }, () => newBackupCodes(10));
    for (const set of sets) expect(set).toHaveLength(10);
    for (const code of sets.flat()) expect(code).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
    expect(new Set(sets.flat()).size).toBe(500);
  });

  it('uses every character at every place', () => {
    const seen = Array.from({ length: 16 }, () => new Set<string>());
    for (let round = 0; round < 60; round++) {
      for (const code of newBackupCodes(10)) [...code.replaceAll('-', '')].forEach((c, place) => seen[place]!.add(c));
    }
    expect(seen.map((characters) => characters.size)).toEqual(Array.from({ length: 16 }, () => 32));
  });
});

describe('normalizeBackupCode', () => {
  const separator = fc.constantFrom('', '', '-', ' ', '  ', '\t', '\u2011', '\u2013', '\u00a0');
  const cases = fc.array(fc.boolean(), { minLength: 16, maxLength: 16 });

  it('takes any case and any groups', () => {
    fc.assert(
      fc.property(codes, cases, fc.array(separator, { minLength: 17, maxLength: 17 }), (code, lower, separators) => {
        const typed = [...code].map((c, place) => separators[place] + (lower[place] ? c.toLowerCase() : c)).join('');
        expect(normalizeBackupCode(typed + separators[16])).toBe(code);
      }),
    );
  });

  it('is null for every text without exactly 16 Base32 characters', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 40 }), (text) => {
        fc.pre(!/^[A-Za-z2-7]{16}$/.test(text.replace(/[\s\p{Pd}]/gu, '')));
        expect(normalizeBackupCode(text)).toBeNull();
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['15 characters', 'ABCD-EFGH-IJKL-MNO'],
    ['17 characters', 'ABCD-EFGH-IJKL-MNOP-Q'],
    ['digits that are not Base32', 'ABCD-EFGH-IJKL-MN01'],
    ['a letter whose upper case is ASCII', 'ABCD-EFGH-\u0131JKL-MNOP'],
    ['a letter whose lower case is ASCII', 'ABCD-EFGH-IJ\u212aL-MNOP'],
    ['other characters between', 'ABCD.EFGH.IJKL.MNOP'],
  ])('is null for %s', (_, text) => {
    expect(normalizeBackupCode(text)).toBeNull();
  });

  it('takes no longer for a long text', () => {
    expect(normalizeBackupCode('- '.repeat(30_000))).toBeNull();
  });
});

describe('findBackupCode', () => {
  const setId = 'b3';
  const shown = newBackupCodes(10);
  const hashes = hashesOf(setId, shown);

  it('tells which code it is', () => {
    shown.forEach((code, index) => {
      expect(findBackupCode(hashes, setId, normalizeBackupCode(code.toLowerCase())!)).toBe(index);
    });
  });

  it('finds none for another code, and none of another set', () => {
    fc.assert(
      fc.property(codes, (code) => {
        fc.pre(!shown.includes(code.replace(/.{4}(?=.)/g, '$&-')));
        expect(findBackupCode(hashes, setId, code)).toBeNull();
      }),
    );
    expect(findBackupCode(hashes, 'b4', normalizeBackupCode(shown[0]!)!)).toBeNull();
  });

  it('survives the way through the vault', () => {
    const stored = parseHashes(serializeHashes(hashes));
    expect(stored.map((hash) => hash.toString('hex'))).toEqual(hashes.map((hash) => hash.toString('hex')));
    expect(findBackupCode(stored, setId, normalizeBackupCode(shown[9]!)!)).toBe(9);
  });

  it.each([0, 1, 31, 33, 319])('refuses %d bytes as hashes', (length) => {
    expect(() => parseHashes(Buffer.alloc(length))).toThrow(RangeError);
  });
});
