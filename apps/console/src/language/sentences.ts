import type { Problem } from '../api/problem.js';

/** A sentence of the catalogue with its values, or, where the catalogue has none, words as the server gave them. */
export type Sentence = { key: string; values: Record<string, string | number> } | { text: string };

/** Has the catalogue this key? */
export type Known = (key: string) => boolean;

/**
 * What a person reads of a problem. `place` names the form: a key `problem.<place>.<code>` goes before `problem.<code>`,
 * since wrong credentials are other words at login than at a change of password.
 */
export function sentenceOf(problem: Problem, place: string, known: Known): Sentence {
  const key = [`problem.${place}.${problem.code}`, `problem.${problem.code}`].find(known);
  const { clockOffSeconds: off } = problem;
  if (off !== undefined) {
    const minutes = Math.max(1, Math.round(Math.abs(off) / 60));
    return { key: off > 0 ? 'problem.clock-ahead' : 'problem.clock-behind', values: { count: minutes } };
  }
  if (problem.code === 'wrong-code' && problem.attemptsLeft !== undefined) {
    const own = `problem.${place}.wrong-code-left`;
    return { key: known(`${own}_other`) ? own : 'problem.wrong-code-left', values: { count: problem.attemptsLeft } };
  }
  if (problem.code === 'too-many-attempts' && problem.retryAfter !== undefined) {
    return { key: 'problem.wait-minutes', values: { count: Math.max(1, Math.ceil(problem.retryAfter / 60)) } };
  }
  if (key) return { key, values: {} };
  return problem.detail ? { text: problem.detail } : { key: 'problem.internal-error', values: {} };
}

/** Sentences beside the fields that the problem names, by field; nested names (`admin.username`) by their last part too. */
export function fieldSentences(problem: Problem, known: Known): Record<string, Sentence> {
  const sentences: Record<string, Sentence> = {};
  for (const { field, message } of problem.errors ?? []) {
    const name = field.split('.').at(-1)!;
    const key = `malformed.${name}`;
    sentences[name] ??= known(key) ? { key, values: {} } : { text: message };
  }
  return sentences;
}
