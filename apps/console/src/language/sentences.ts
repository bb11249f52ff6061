import type { Problem } from '../api/problem.js';

/** The words of the first of these keys that the catalogue has. */
export type Words = (keys: string[], values?: Record<string, string | number>) => string;

/**
 * What a person reads of a problem. `place` names the form: a key `problem.<place>.<code>` goes before `problem.<code>`,
 * since wrong credentials are other words at login than at a change of password. Where the catalogue has none, the words
 * are the server's.
 */
export function sentenceOf(problem: Problem, place: string, words: Words): string {
  const { code, detail, attemptsLeft, retryAfter, clockOffSeconds: off } = problem;
  if (off !== undefined) {
    const count = Math.max(1, Math.round(Math.abs(off) / 60));
    return words([off > 0 ? 'problem.clock-ahead' : 'problem.clock-behind'], { count });
  }
  if (code === 'wrong-code' && attemptsLeft !== undefined) {
    return words([`problem.${place}.wrong-code-left`, 'problem.wrong-code-left'], { count: attemptsLeft });
  }
  if (code === 'too-many-attempts' && retryAfter !== undefined) {
    return words(['problem.wait-minutes'], { count: Math.max(1, Math.ceil(retryAfter / 60)) });
  }
  const defaultValue = detail || words(['problem.internal-error']);
  return words([`problem.${place}.${code}`, `problem.${code}`], { defaultValue });
}

/**
 * Sentences beside the fields that the problem names, by field; nested names (`admin.username`, `jwks.keys.0.d`) by their last
 * part and by their first. A key `malformed.<place>.<name>` goes before `malformed.<name>`; of one of several (`addresses.1`)
 * a key with `At`, which has a `number`, goes before both.
 */
export function fieldSentences({ errors = [] }: Problem, place: string, words: Words): Record<string, string> {
  const sentences: Record<string, string> = {};
  for (const { field, message: defaultValue } of errors) {
    const path = field.split('.');
    const names = path.filter((part) => !isNumber(part));
    for (const name of [names.at(-1) ?? field, names[0] ?? field]) {
      const keys = [`malformed.${place}.${name}`, `malformed.${name}`];
      const next = path[path.indexOf(name) + 1];
      if (next !== undefined && isNumber(next)) keys.unshift(`malformed.${place}.${name}At`);
      sentences[name] ??= words(keys, { defaultValue, number: Number(next) + 1 });
    }
  }
  return sentences;
}

const isNumber = (part: string): boolean => /^\d+$/.test(part);
