import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { canonical, sha256 } from '#libs/event-store/src/canonical.js';

export interface RecordedText {
  /** The HTTP form as JSON: the hashed bytes, with `hash` as their last member. */
  readonly text: string;
  /** Whether the event has the hash that it says it has. */
  readonly intact: boolean;
}

/**
 * The event as it is kept. What was parsed from RFC 8785 text serializes to the same text, so the first try is nearly always
 * right and costs no canonicalization; it proves itself by the hash.
 */
export function recordedText(event: RecordedEvent): RecordedText {
  const { hash, ...form } = event;
  const asParsed = JSON.stringify(form);
  if (sha256(asParsed) === hash) return { text: withHash(asParsed, hash), intact: true };
  const body = canonicalOr(asParsed, form);
  return { text: withHash(body, hash), intact: sha256(body) === hash };
}

/** What RFC 8785 has no text for was never hashed, but is kept all the same. */
function canonicalOr(asParsed: string, form: object): string {
  try {
    return canonical(form);
  } catch {
    return asParsed;
  }
}

const withHash = (body: string, hash: string): string => `${body.slice(0, -1)},"hash":${JSON.stringify(hash)}}`;
