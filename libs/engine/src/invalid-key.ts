/** A key of a record that the caller should not have made. */
export class InvalidKey extends TypeError {
  override readonly name = 'InvalidKey';
}

/** Bytes that a key may have, however an engine encodes it. */
export const MAX_KEY_BYTES = 1900;
