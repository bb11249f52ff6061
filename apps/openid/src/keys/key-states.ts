const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * A new key is published for so long before it signs. Verifiers are to fetch the keys again when they meet an unknown `kid`
 * (OpenID Connect Core 1.0 §10.1.1); those that do not fetch them once a day at least. Instances know it within a second.
 */
export const PUBLISHED_BEFORE_MS = 24 * HOUR;
/**
 * A key is published for so long after it has signed last. An ID token expires after 15 minutes, but is shown as `id_token_hint`
 * as long as the session lasts, 12 hours; the rest is for clocks that differ.
 */
export const PUBLISHED_AFTER_MS = 12 * HOUR + 15 * MINUTE;

/** Times in milliseconds. */
export interface KeyTimes {
  /** From 1 on; each key has the next one. */
  readonly number: number;
  readonly signsFrom: number;
  /** Those of before are good no longer: one of them is in wrong hands. */
  readonly revokesOlder?: true;
}

/** `over`: it is not published any more, and may be deleted. */
export type KeyState = 'next' | 'signing' | 'previous' | 'over';
export interface StatedKey<Key> {
  readonly key: Key;
  readonly state: KeyState;
  /** Of a key that signs no more, milliseconds. */
  readonly publishedUntil?: number;
}

/** What each key is good for now, the newest first. Of keys that are not revoked one always signs, also where the clock was set back. */
export function statesOf<Key extends KeyTimes>(keys: readonly Key[], now: number): StatedKey<Key>[] {
  const sorted = keys.toSorted((one, other) => other.number - one.number);
  const revoking = sorted.findIndex(({ revokesOlder }) => revokesOlder);
  const good = revoking === -1 ? sorted : sorted.slice(0, revoking + 1);
  const begun = good.findIndex(({ signsFrom }) => signsFrom <= now);
  const signing = begun === -1 ? good.length - 1 : begun;
  return sorted.map((key, at) => {
    if (at >= good.length) return { key, state: 'over' };
    if (at < signing) return { key, state: 'next' };
    if (at === signing) return { key, state: 'signing' };
    const publishedUntil = sorted[at - 1]!.signsFrom + PUBLISHED_AFTER_MS;
    return publishedUntil > now ? { key, state: 'previous', publishedUntil } : { key, state: 'over' };
  });
}
