import { Problem, type ProblemDocument, problemDocument } from '#libs/contracts/src/problems.js';
import { StoreDamaged, StoreUnavailable, VersionConflict } from '#libs/engine/src/port.js';

/** Passes by itself: worth trying again without end. */
export const isOutage = (error: unknown): boolean =>
  error instanceof StoreUnavailable || (error instanceof Problem && error.status === 503);

/** What the caller is told of it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreUnavailable) return new Problem('unavailable', undefined, { retryAfter: 1 });
  if (error instanceof StoreDamaged) return new Problem('unavailable', 'The store cannot be read.', { retryAfter: 60 });
  const document = problemDocument.safeParse(error);
  return document.success ? Problem.fromDocument(document.data) : new Problem('internal-error');
}

export const documentOf = (error: unknown): ProblemDocument => problemOf(error).toDocument();

/**
 * What may be logged or kept of an error (R30): its kind and where it was thrown. The message of a foreign error can quote
 * what was typed (`JSON.parse` does), so only the store's own messages, which name streams, are kept.
 */
export function outline(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${typeof error}`;
  const stack = error.stack ?? '';
  const frames = stack
    .slice(stack.indexOf(error.message) + error.message.length)
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 3)
    .map((line) => line.trim());
  return [kindOf(error), ...frames].join(' ');
}

function kindOf(error: Error): string {
  if (error instanceof Problem) return `Problem ${error.code}`;
  if (error instanceof StoreUnavailable || error instanceof StoreDamaged || error instanceof VersionConflict) {
    return `${error.name}: ${error.message}`;
  }
  // what Kafka, the system or Node call it, such as NOT_LEADER_FOR_PARTITION: from lists of theirs, never what was typed
  const { type, code } = error as { type?: unknown; code?: unknown };
  const name = [type, code].find((one) => typeof one === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(one));
  return [error.constructor.name, ...(name === undefined ? [] : [name as string])].join(' ');
}
