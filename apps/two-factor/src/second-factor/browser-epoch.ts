import type { SecondFactor } from './state.js';

/** Raised by whatever ends remembered browsers (R39): lock, reset, disable, an authenticator added or removed. */
export const browserEpochOf = ({ epoch, additions }: SecondFactor): number => epoch + additions;
