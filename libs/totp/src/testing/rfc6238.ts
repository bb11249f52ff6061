import type { TotpParameters } from '#libs/contracts/src/primitives.js';

const digits = '12345678901234567890'.repeat(4);

/** The seeds of RFC 6238 appendix A: as many bytes as the hash gives. */
export const seeds = {
  SHA1: Buffer.from(digits.slice(0, 20), 'ascii'),
  SHA256: Buffer.from(digits.slice(0, 32), 'ascii'),
  SHA512: Buffer.from(digits.slice(0, 64), 'ascii'),
} as const;

/** RFC 6238 appendix B: Unix seconds, and the eight digits then, of a 30-second step. */
const table = [
  [59, '94287082', '46119246', '90693936'],
  [1111111109, '07081804', '68084774', '25091201'],
  [1111111111, '14050471', '67062674', '99943326'],
  [1234567890, '89005924', '91819424', '93441116'],
  [2000000000, '69279037', '90698825', '38618901'],
  [20000000000, '65353130', '77737706', '47863826'],
] as const;

export interface Vector {
  readonly algorithm: TotpParameters['algorithm'];
  readonly seconds: number;
  readonly code: string;
}

/** All 18. */
export const vectors: readonly Vector[] = table.flatMap(([seconds, ...codes]) =>
  (['SHA1', 'SHA256', 'SHA512'] as const).map((algorithm, index) => ({ algorithm, seconds, code: codes[index]! })),
);
