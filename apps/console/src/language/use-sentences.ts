import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProblemCode } from '../api/facts.js';
import { ConnectionLost, NotProved, ProblemError } from '../api/problem.js';
import { fieldSentences, sentenceOf, type Words } from './sentences.js';

/** Errors as words: `say(error)`. */
export function useSentences(place = 'any') {
  const { t } = useTranslation();
  return useMemo(() => {
    // the catalogue's keys are typed; keys made of a code are not
    const words = t as unknown as Words;
    return {
      say: (error: unknown): string => {
        if (error instanceof ConnectionLost) return t('problem.connection');
        return error instanceof ProblemError ? sentenceOf(error.problem, place, words) : t('problem.internal-error');
      },
      sayFields: (error: unknown) => (error instanceof ProblemError ? fieldSentences(error.problem, place, words) : {}),
    };
  }, [t, place]);
}

export type FieldOf = Readonly<Partial<Record<ProblemCode, string>>>;

/**
 * What a form shows of the last refusal: beside the fields that it names or that `fieldOf` gives for its code, else as
 * one message for the form. `fieldOf` is a constant.
 */
export function useRefusal(place: string, fieldOf: FieldOf) {
  const { say, sayFields } = useSentences(place);
  const [error, setError] = useState<unknown>(null);
  const clear = useCallback(() => setError(null), []);
  const show = useCallback((refused: unknown) => setError(refused instanceof NotProved ? null : refused), []);
  return useMemo(() => {
    const code = error instanceof ProblemError ? error.problem.code : undefined;
    const field = code && fieldOf[code];
    const errors: Record<string, string> = error === null ? {} : field ? { [field]: say(error) } : sayFields(error);
    const message = error !== null && Object.keys(errors).length === 0 ? say(error) : undefined;
    return { errors, message, show, clear };
  }, [error, fieldOf, say, sayFields, show, clear]);
}

export type Refusal = ReturnType<typeof useRefusal>;
