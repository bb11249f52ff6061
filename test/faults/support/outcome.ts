import type { Answer } from '#test/support/calls/http.js';

/** What became of a request, as its sender knows: the answer, or nothing, because the process died or an engine was away. */
export type Outcome<T> = { answer: Answer<T> } | { lost: true };

const lostCodes = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ECONNABORTED']);
/** Answers that leave open whether it was done. */
const openAnswers: readonly unknown[] = ['unavailable', 'not-yet-effective'];

/** The connection broke. Every other error is one of the test, or of an answer that is none. Under Jest an error of Node is no `Error` of ours. */
export const isLost = (error: unknown): boolean => lostCodes.has((error as NodeJS.ErrnoException).code ?? '');

/** `mayBeAway`: a 503 says as much as no answer; else it is an answer like others. */
export async function outcomeOf<T>(call: Promise<Answer<T>>, mayBeAway = false): Promise<Outcome<T>> {
  try {
    const answer = await call;
    return mayBeAway && openAnswers.includes(answer.code) ? { lost: true } : { answer };
  } catch (error) {
    if (isLost(error)) return { lost: true };
    throw error;
  }
}
