import { createHmac } from 'node:crypto';
import { base32nopad } from '@scure/base';
import fc from 'fast-check';
import { type TotpParameters, username } from '#libs/contracts/src/primitives.js';
import { anyText } from '#test/support/any-text.js';
import { readKeyUri } from '#test/support/people/key-uri.js';
import { seeds, vectors } from './testing/rfc6238.js';
import {
  clockOffSeconds,
  codeAt,
  isWellFormed,
  manualKey,
  matchStep,
  newSecret,
  otpauthUri,
  timeStepAt,
} from './totp.js';

const rfcSecret = seeds.SHA1;
const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes));
const steps = fc.nat({ max: 2 ** 33 }).map((step) => step + 3);
const anyParameters: fc.Arbitrary<TotpParameters> = fc.record({
  algorithm: fc.constantFrom('SHA1', 'SHA256', 'SHA512'),
  digits: fc.constantFrom(6, 8),
  period: fc.constantFrom(30, 60),
});

describe('codeAt', () => {
  it('gives the ten values of RFC 4226 appendix D in order', () => {
    expect(Array.from({ length: 10 }, (_, step) => codeAt(rfcSecret, step))).toEqual(
      '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' '),
    );
  });

  it.each(vectors)('at $seconds s is $code of RFC 6238 appendix B, by $algorithm', ({ algorithm, seconds, code }) => {
    for (const digits of [8, 6] as const) {
      const parameters = { algorithm, digits, period: 30 } as const;
      const step = timeStepAt(seconds * 1000, parameters);
      expect(codeAt(seeds[algorithm], step, parameters)).toBe(code.slice(-digits));
    }
  });

  it.each([
    [2 ** 31, '197202'],
    [2 ** 32 - 1, '117190'],
    [2 ** 32, '999456'],
    [2 ** 40, '445672'],
    [Number.MAX_SAFE_INTEGER, '891307'],
  ])('of step %d gives what oathtool gives: %s', (step, code) => {
    expect(codeAt(rfcSecret, step)).toBe(code);
  });

  it('is the truncated HMAC of the whole 64-bit counter, for any secret, step and parameters', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.maxSafeNat(),
        anyParameters,
        (key, step, each) => {
          const counter = Buffer.alloc(8);
          counter.writeBigUInt64BE(BigInt(step));
          const digest = createHmac(each.algorithm.toLowerCase(), key).update(counter).digest();
          const number = (digest.readUInt32BE(digest.at(-1)! & 15) & 0x7fffffff) % 10 ** each.digits;
          expect(codeAt(Buffer.from(key), step, each)).toBe(String(number).padStart(each.digits, '0'));
        },
      ),
    );
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53])('refuses %d as a step', (step) => {
    expect(() => codeAt(rfcSecret, step)).toThrow(RangeError);
  });
});

describe('timeStepAt', () => {
  it.each([
    [0, 0],
    [29_999, 0],
    [30_000, 1],
    [59_999, 1],
  ])('puts %d ms into step %d', (ms, step) => {
    expect(timeStepAt(ms)).toBe(step);
  });

  it.each([
    [59_999, 0],
    [60_000, 1],
    [119_999, 1],
    [120_000, 2],
  ])('puts %d ms into step %d of a minute each', (ms, step) => {
    expect(timeStepAt(ms, { algorithm: 'SHA1', digits: 6, period: 60 })).toBe(step);
  });
});

describe('isWellFormed', () => {
  it.each([6, 8] as const)('of %d digits', (digits) => {
    for (let length = 0; length <= 10; length += 1) {
      expect([length, isWellFormed('0'.repeat(length), { digits })]).toEqual([length, length === digits]);
    }
    for (const text of [
      ` ${'0'.repeat(digits - 1)}`,
      `${'0'.repeat(digits)}\n`,
      '０'.repeat(digits),
      '٠'.repeat(digits),
    ])
      expect(isWellFormed(text, { digits })).toBe(false);
  });
});

describe('matchStep', () => {
  it('finds the step of a code in the window, and none two steps away', () => {
    fc.assert(
      fc.property(secrets, steps, fc.integer({ min: -3, max: 3 }), (secret, now, distance) => {
        const code = codeAt(secret, now + distance);
        const inWindow = [now + 1, now, now - 1];
        expect(matchStep(secret, code, now)).toBe(inWindow.find((step) => codeAt(secret, step) === code) ?? null);
        if (Math.abs(distance) <= 1) expect(matchStep(secret, code, now)).not.toBeNull();
      }),
    );
  });

  it('does so for all parameters, and is null for a code of the other length', () => {
    fc.assert(
      fc.property(secrets, steps, fc.integer({ min: -3, max: 3 }), anyParameters, (secret, now, distance, each) => {
        const code = codeAt(secret, now + distance, each);
        const inWindow = [now + 1, now, now - 1];
        const latest = inWindow.find((step) => codeAt(secret, step, each) === code) ?? null;
        expect(matchStep(secret, code, now, each)).toBe(latest);
        const digits = each.digits === 6 ? 8 : 6;
        expect(matchStep(secret, codeAt(secret, now, { ...each, digits }), now, each)).toBeNull();
      }),
    );
  });

  it('refuses the code of another secret', () => {
    expect(matchStep(Buffer.alloc(20, 1), codeAt(rfcSecret, 1000), 1000)).toBeNull();
  });

  // 62075368 and 62075369, as well as 61331809 and 61331811, are steps of this secret with one code
  it.each([
    [62075368, 62075369],
    [62075369, 62075369],
    [61331810, 61331811],
  ])('at step %d tells the latest of two steps with one code, so that it is right once', (now, latest) => {
    expect(matchStep(rfcSecret, codeAt(rfcSecret, latest), now)).toBe(latest);
  });

  it('begins at step 0', () => {
    expect(matchStep(rfcSecret, codeAt(rfcSecret, 0), 0)).toBe(0);
    expect(matchStep(rfcSecret, codeAt(rfcSecret, 1), 0)).toBe(1);
  });

  const code = codeAt(rfcSecret, 59_471_940);
  it.each([
    ['no text', ''],
    ['five digits', code.slice(1)],
    ['seven digits', `0${code}`],
    ['white space around', ` ${code} `],
    ['a line end', `${code}\n`],
    ['full-width digits', [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('')],
    ['letters that end in the byte of a digit', [...code].map((d) => String.fromCodePoint(0x130 + Number(d))).join('')],
  ])('finds none for a code with %s', (_, text) => {
    expect(matchStep(rfcSecret, text, 59_471_940)).toBeNull();
  });
});

describe('clockOffSeconds', () => {
  it('is told in whole steps up to ten minutes either way, and not beyond', () => {
    fc.assert(
      fc.property(secrets, steps, fc.integer({ min: -25, max: 25 }), anyParameters, (secret, later, away, each) => {
        const now = later + 25;
        const code = codeAt(secret, now + away, each);
        const most = 600 / each.period;
        const near = Array.from({ length: 2 * most + 1 }, (_, index) => most - index);
        const latest = near.find((ahead) => codeAt(secret, now + ahead, each) === code);
        const off = latest === undefined ? null : latest * each.period;
        expect(clockOffSeconds(secret, code, now, each)).toBe(off);
        if (Math.abs(away) <= most) expect(off).not.toBeNull();
      }),
    );
  });
});

describe('newSecret', () => {
  it('has 160 bits, and never the same twice', () => {
    const made = Array.from({ length: 100 }, () => newSecret());
    expect(new Set(made.map((secret) => secret.length))).toEqual(new Set([20]));
    expect(new Set(made.map((secret) => secret.toString('hex'))).size).toBe(100);
  });
});

describe('otpauthUri', () => {
  it('holds what an authenticator app needs', () => {
    expect(otpauthUri({ issuer: 'Twinlock', account: 'alice@demo', secret: rfcSecret })).toBe(
      'otpauth://totp/Twinlock:alice%40demo?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Twinlock&algorithm=SHA1&digits=6&period=30',
    );
  });

  it('encodes a space as %20, which apps that know no + read too', () => {
    const uri = otpauthUri({ issuer: 'Twin lock', account: 'a b+c', secret: rfcSecret });
    expect(uri).toContain('otpauth://totp/Twin%20lock:a%20b%2Bc?');
    expect(uri).toContain('&issuer=Twin%20lock&');
  });

  const signs = fc.string({
    unit: fc.constantFrom(':', '%', '/', '?', '#', '&', '+', '=', "'", '(', '!', '@', ' ', 'a'),
  });
  const texts = fc.oneof(anyText(), signs);

  it('is taken by a strict reader, for any name that can be registered', () => {
    fc.assert(
      fc.property(texts, texts, secrets, (name, typed, secret) => {
        const issuer = name.replaceAll(/[:：]/g, '').trim() || 'Twinlock';
        const { success, data = '' } = username.safeParse(typed);
        if (!success) return;
        const uri = otpauthUri({ issuer, account: `${data}@demo`, secret });
        expect(readKeyUri(uri)).toEqual({
          issuer,
          account: `${data.replaceAll(':', '：')}@demo`,
          secret: base32nopad.encode(secret),
        });
        // and by the one of the web
        expect(new URL(uri).searchParams.get('issuer')).toBe(issuer);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is of one account alone, also where names differ by a colon', () => {
    const uris = ['a:b', 'a;b', 'a.b', 'a b', 'a%3Ab'].map((account) =>
      otpauthUri({ issuer: 'Twinlock', account, secret: rfcSecret }),
    );
    expect(new Set(uris).size).toBe(uris.length);
    expect(username.parse('a：b')).toBe('a:b');
  });

  it('stands half a surrogate pair', () => {
    expect(otpauthUri({ issuer: 'Twinlock', account: 'a\ud800', secret: rfcSecret })).toContain('Twinlock:a%EF%BF%BD?');
  });

  it('refuses an issuer with a colon', () => {
    expect(() => otpauthUri({ issuer: 'Twin:lock', account: 'alice', secret: rfcSecret })).toThrow(RangeError);
  });
});

describe('manualKey', () => {
  it('is Base32 in groups of four', () => {
    expect(manualKey(rfcSecret)).toBe('GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ');
  });
});
