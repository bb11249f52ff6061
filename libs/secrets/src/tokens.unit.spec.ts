import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { anyText } from '#test/support/any-text.js';
import { ExpectedSecret, newToken, tokenHash } from './tokens.js';

describe('newToken', () => {
  it('is 256 random bits in base64url behind the prefix', () => {
    const tokens = Array.from({ length: 100 }, () => newToken('ses_'));
    for (const token of tokens) expect(token).toMatch(/^ses_[A-Za-z0-9_-]{43}$/);
    expect(new Set(tokens).size).toBe(100);
  });
});

describe('tokenHash', () => {
  it('is SHA-256 of the UTF-8 in hex', () => {
    expect(tokenHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(tokenHash(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
      }),
    );
  });
});

describe('an expected secret', () => {
  it('is equal to its own text alone, of any length', () => {
    fc.assert(
      fc.property(anyText(), anyText(), (a, b) => {
        const expected = new ExpectedSecret(a);
        expect(expected.is(a)).toBe(true);
        expect(expected.is(b)).toBe(a === b);
        expect(expected.is(`${a}x`)).toBe(false);
      }),
    );
  });

  it('does not hold the text', () => {
    expect(inspect(new ExpectedSecret('hunter2'), { showHidden: true, depth: null })).not.toContain('hunter2');
  });
});
