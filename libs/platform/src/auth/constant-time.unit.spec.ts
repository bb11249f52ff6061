import type * as Crypto from 'node:crypto';
import { jest } from '@jest/globals';

/** How much work the code of the product does is counted where it calls node:crypto: time itself tells nothing on a busy machine. */
const work = { hmacs: 0, compared: [] as number[] };
const crypto = await import('node:crypto');
jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  default: crypto,
  createHmac: (...parameters: Parameters<typeof Crypto.createHmac>) => {
    work.hmacs += 1;
    return crypto.createHmac(...parameters);
  },
  timingSafeEqual: (a: Buffer, b: Buffer) => {
    work.compared.push(a.length);
    return crypto.timingSafeEqual(a, b);
  },
}));
const { codeAt, matchStep, newSecret } = await import('#libs/totp/src/totp.js');
const { findBackupCode, hashBackupCode, newBackupCodes, normalizeBackupCode } =
  await import('#libs/secrets/src/backup-codes.js');
const { Authenticator } = await import('#libs/platform/src/auth/authenticator.js');

const counted = (compare: () => unknown) => {
  work.hmacs = 0;
  work.compared = [];
  const result = compare();
  return { result, ...work };
};
/** Nobody else is asked about a token that has the form of none that is made here. */
const nobody = undefined as never;

describe('comparison in constant time (totp-rs CVE-2022-29185)', () => {
  it('of a code: the same work wherever it differs, and whichever step is right', () => {
    const secret = newSecret();
    const now = 59_000_000;
    const right = codeAt(secret, now);
    const differingAt = [0, 1, 2, 3, 4, 5].map((at) => {
      const digit = String((Number(right[at]) + 1) % 10);
      return right.slice(0, at) + digit + right.slice(at + 1);
    });
    const typed = [-2, -1, 0, 1, 2].map((distance) => codeAt(secret, now + distance));
    for (const code of [...typed, ...differingAt, '000000', '999999']) {
      expect(counted(() => matchStep(secret, code, now))).toMatchObject({ hmacs: 3, compared: [6, 6, 6] });
    }
    expect(counted(() => matchStep(secret, right, now)).result).toBe(now);
  });

  it('of a backup code: the same work whichever of the set it is, or none', () => {
    const codes = newBackupCodes(10).map((code) => normalizeBackupCode(code) ?? '');
    const hashes = codes.map((code) => hashBackupCode('set', code));
    for (const [index, code] of codes.entries()) {
      const { result, compared } = counted(() => findBackupCode(hashes, 'set', code));
      expect([result, compared]).toEqual([index, Array.from({ length: 10 }, () => 32)]);
    }
    expect(counted(() => findBackupCode(hashes, 'set', 'AAAAAAAAAAAAAAAA'))).toMatchObject({
      result: null,
      compared: Array.from({ length: 10 }, () => 32),
    });
  });

  it("of the operator's token, as a caller sends it: the same work wherever and in whatever length it differs", async () => {
    const token = 'operator-token-of-at-least-32-characters';
    const authenticator = new Authenticator(token, nobody, nobody);
    for (const guess of [token, `x${token.slice(1)}`, `${token.slice(0, -1)}x`, 'x', 'x'.repeat(10_000)]) {
      const { result, compared } = counted(() => authenticator.authenticate(`Bearer ${guess}`));
      expect(compared).toEqual([32]);
      expect(await result).toEqual({ kind: guess === token ? 'operator' : 'anonymous' });
    }
  });
});
