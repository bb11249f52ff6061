import type { BrowserToken } from '../browsers/remembered-browsers.js';

/** Told of a browser that is remembered (R39). */
export interface Remembered {
  readonly browserToken?: string;
  readonly browserExpiresAt?: string;
}

export const toldOf = ({ token, endsAt }: BrowserToken): Remembered => ({
  browserToken: token,
  browserExpiresAt: new Date(endsAt).toISOString(),
});
