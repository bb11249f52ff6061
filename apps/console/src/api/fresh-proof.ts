import { NotProved, type Problem, problemOf } from './problem.js';

/** Asks the person for the proof; false: they would rather not. */
export type AskForProof = (needs: NonNullable<Problem['needs']>) => Promise<boolean>;

let ask: AskForProof | undefined;
let asked: Promise<boolean> | undefined;

/** From now on `how` asks, whatever call needs a fresh proof (R14); returns how to stop. */
export function whenProofIsNeeded(how: AskForProof): () => void {
  ask = how;
  return () => {
    if (ask === how) ask = undefined;
  };
}

/**
 * Sends a request by `send`, and again after the proof that the answer asks for: whoever calls knows nothing of it.
 * @throws NotProved
 */
export async function sendProved(request: Request, send: (request: Request) => Promise<Response>): Promise<Response> {
  for (let next = request; ;) {
    const again = next.clone();
    const answer = await send(next);
    const needs = await neededBy(answer);
    if (!needs || !ask) return answer;
    // of several calls at once the person is asked once
    asked ??= ask(needs).finally(() => (asked = undefined));
    if (!(await asked)) throw new NotProved('not proved');
    next = again;
  }
}

async function neededBy(answer: Response): Promise<Problem['needs'] | null> {
  if (answer.status !== 403) return null;
  const body = answer.clone().json() as Promise<unknown>;
  const { code, needs = ['password'] } = problemOf(answer.status, await body.catch(() => null));
  return code === 're-authentication-required' ? needs : null;
}
