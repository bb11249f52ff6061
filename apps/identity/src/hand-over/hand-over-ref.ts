import type { AccountRef } from '#libs/contracts/src/stream.js';

/** Of the session of a person who was handed over. */
export interface HandOverRef extends AccountRef {
  readonly sessionId: string;
}
