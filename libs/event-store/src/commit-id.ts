import { randomUUID } from 'node:crypto';

/**
 * A UUID of version 7 (RFC 9562 §5.7). It grows with time, so what is looked up by it is written at the end of an index, and not
 * each to a page of its own. Its 74 random bits are those of a random UUID, which Node has ready; `at`: milliseconds.
 */
export function newCommitId(at = Date.now()): string {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
