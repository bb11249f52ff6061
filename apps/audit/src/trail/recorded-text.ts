import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { canonical, sha256 } from '#libs/event-store/src/canonical.js';

export interface RecordedText {
  /** The HTTP form as JSON: the hashed bytes, with `hash` as their last member. */
  readonly text: string;
  /** Whether the event has the hash that it says it has. */
  readonly intact: boolean;
}

const member = (hash: string): string => `,"hash":${JSON.stringify(hash)}}`;
/** Of a SHA-256 in hex, with the comma before it and the brace after it. */
const MEMBER = member('0'.repeat(64)).length;

/**
 * The event as it is kept. What was parsed from RFC 8785 text serializes to the same text, so the first try is nearly always
 * right and costs no canonicalization; it proves itself by the hash.
 */
export function recordedText(event: RecordedEvent): RecordedText {
  const { hash } = event;
  const asParsed = JSON.stringify(event);
  if (asParsed.endsWith(`,"hash":"${hash}"}`) && sha256(`${asParsed.slice(0, -MEMBER)}}`) === hash) {
    return { text: asParsed, intact: true };
  }
  const body = bodyOf(event);
  return { text: body.slice(0, -1) + member(hash), intact: sha256(body) === hash };
}

/** What RFC 8785 has no text for was never hashed, but is kept all the same. */
function bodyOf({ hash: _hash, ...form }: RecordedEvent): string {
  try {
    return canonical(form);
  } catch {
    return JSON.stringify(form);
  }
}
