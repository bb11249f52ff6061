import { useCallback } from 'react';
import { NotProved } from '../../api/problem.js';
import { useSentences } from '../../language/use-sentences.js';
import { tell } from './toast.js';

/** Says what went wrong where no form shows it. */
export function useComplaint(): (error: unknown) => void {
  const { say } = useSentences();
  return useCallback(
    (error) => {
      if (!(error instanceof NotProved)) tell(say(error), 'danger');
    },
    [say],
  );
}
