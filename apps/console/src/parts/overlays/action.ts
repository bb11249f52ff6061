import { useState } from 'react';
import { NotProved } from '../../api/problem.js';
import { useSentences } from '../../language/use-sentences.js';
import { tell } from './toast.js';

/** What buttons do outside of a form: `running` names what is under way; what goes wrong is said in a message. */
export function useAction<Name extends string = string>(afterwards?: () => Promise<unknown>) {
  const { say } = useSentences();
  const [running, setRunning] = useState<Name | null>(null);
  async function act(name: Name, action: () => Promise<unknown>) {
    setRunning(name);
    try {
      await action();
    } catch (error) {
      if (!(error instanceof NotProved)) tell(say(error), 'danger');
    }
    await afterwards?.();
    setRunning(null);
  }
  return { running, run: (name: Name, action: () => Promise<unknown>) => void act(name, action) };
}
