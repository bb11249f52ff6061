import type { Answer } from '#test/support/http.js';

/** What became of a request, as its sender knows: the answer, or nothing, because the process died. */
export type Outcome<T> = { answer: Answer<T> } | { lost: true };

const lostCodes = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ECONNABORTED']);

/** The connection broke. Every other error is one of the test, or of an answer that is none. Under Jest an error of Node is no `Error` of ours. */
export const isLost = (error: unknown): boolean => lostCodes.has((error as NodeJS.ErrnoException).code ?? '');

export async function outcomeOf<T>(call: Promise<Answer<T>>): Promise<Outcome<T>> {
  try {
    return { answer: await call };
  } catch (error) {
    if (isLost(error)) return { lost: true };
    throw error;
  }
}
