import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A bearer token: 256 random bits in base64url behind a prefix that says its kind (`ses_`). Shown once, stored as `tokenHash`. */
export const newToken = (prefix: string): string => prefix + randomBytes(32).toString('base64url');

/** SHA-256, hex. Fast is safe here: 256 random bits cannot be guessed. */
export const tokenHash = (token: string): string => hash('sha256', token, 'hex');

/** Equal? Takes the same time wherever they differ, and tells no length. */
export const equalSecrets = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b));

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');
