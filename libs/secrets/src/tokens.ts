import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A bearer token: 256 random bits in base64url behind a prefix that says its kind (`ses_`). Shown once, stored as `tokenHash`. */
export const newToken = (prefix: string): string => prefix + randomBytes(32).toString('base64url');

/** SHA-256, hex. Fast is safe here: 256 random bits cannot be guessed. */
export const tokenHash = (token: string): string => hash('sha256', token, 'hex');

/** Whether two texts are the same, such as hashes of tokens: takes the same time wherever they differ. */
export function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'utf8'), Buffer.from(other, 'utf8')];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A secret that callers are compared with. Its text is not kept, so that there is nothing to compare in another way. */
export class ExpectedSecret {
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#digest = sha256(text);
  }

  /** Takes the same time wherever the two differ, and tells no length. */
  is(typed: string): boolean {
    return timingSafeEqual(sha256(typed), this.#digest);
  }
}

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');
