import type { TotpParameters } from './primitives.js';

/** The numbers of the rules that more than one app, or the page, goes by. What one place alone knows stands there. */

/** Wrong codes in a row that lock an account (R02). */
export const maxFailedAttempts = { byDefault: 5, least: 1, most: 100 } as const;
/** For how many minutes a lock lasts that ends by itself; 0: none does (R38). */
export const lockMinutes = { byDefault: 0, most: 1440 } as const;
/** Days from the first login after 2FA was required until it must be set up (R37). */
export const graceDays = { byDefault: 7, most: 90 } as const;
/** For how many days a browser is remembered; 0: none is (R39). */
export const rememberDays = { byDefault: 0, most: 90 } as const;
/** Remembered browsers of an account (R39). */
export const MOST_BROWSERS = 10;
/** Backup codes of a set, and how many left are so few that it is said (R10). */
export const backupCodes = { ofASet: 10, few: 3 } as const;
/** How codes are made that every authenticator app can show (R05). */
export const STANDARD_TOTP: TotpParameters = { algorithm: 'SHA1', digits: 6, period: 30 };
/** Authenticator apps of an account: each more helps a guesser (R45). */
export const MOST_TOTP_AUTHENTICATORS = 3;
/** Characters of a portal's issuer (R05). It stands twice in a QR code, beside a name of 128 characters: more would not fit. */
export const MAX_ISSUER = 32;
/** For so long a proof of the password, in milliseconds, is fresh (R14). */
export const PROOF_LASTS_MS = 10 * 60_000;
/** For so long a gateway's word is taken for the first factor, in milliseconds (R34). */
export const VOUCHED_WITHIN_MS = 60_000;
/** For so long a person who was handed over has the page, in milliseconds. */
export const HAND_OVER_LASTS_MS = 15 * 60_000;
/** For so long a login may be completed, in milliseconds (R21). */
export const CHALLENGE_LASTS_MS = 5 * 60_000;
/** For so long a login by the identity provider may be completed, in milliseconds. */
export const SSO_LOGIN_LASTS_MS = 10 * 60_000;
/** The longest that a challenge is, in characters. */
export const MAX_CHALLENGE = 4_096;
/** So many characters of a client's user agent are kept (R46). */
export const MAX_USER_AGENT = 512;
