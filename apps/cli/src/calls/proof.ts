import { isProblem, type ProblemError, type Twinlock } from '#libs/client/src/index.js';
import { CommandError } from '../command/exit.js';
import { tell } from '../command/output.js';
import { canAsk } from '../command/prompt.js';
import type { Login } from './kept-login.js';
import { asCommandError } from './refusals.js';
import { codeOf, hasCode, passwordGiven, passwordOf } from './secrets.js';

type Needs = NonNullable<ProblemError['needs']>;
/** Of a person who mistypes. */
const TRIES = 3;

/**
 * Proves anew who it is (R14), with what the product says that it needs.
 * @throws ProblemError; CommandError with exit `proofNeeded`: nobody can be asked
 */
export async function prove(
  twinlock: Pick<Twinlock, 'reAuthenticate'>,
  login: Login,
  refused: ProblemError,
): Promise<void> {
  let needs = needsIn(refused);
  for (let tried = 1; ; tried += 1) {
    assertCanBeGiven(needs, refused);
    if (tried === 1 && canAsk()) tell(`Confirm that it is you, ${login.username}: the change needs it.`);
    const password = await passwordOf(process.env, undefined, `Password of ${login.username}`);
    try {
      await twinlock.reAuthenticate({ password, ...(needs.includes('code') && (await codeOf(process.env))) });
      return;
    } catch (error) {
      if (!isProblem(error, 'reAuthenticate') || tried === TRIES) throw error;
      if (error.code === 're-authentication-required') needs = needsIn(error);
      else if (canAsk() && mistyped.has(error.code)) tell(asCommandError(error)!.message);
      else throw error;
    }
  }
}

const mistyped: ReadonlySet<string> = new Set(['invalid-credentials', 'wrong-code', 'malformed-code']);

const needsIn = ({ needs }: ProblemError): Needs => needs ?? ['password'];

function assertCanBeGiven(needs: Needs, refused: ProblemError): void {
  if (canAsk()) return;
  const password = passwordGiven(process.env) !== undefined;
  if (password && (!needs.includes('code') || hasCode(process.env))) return;
  throw new CommandError(
    'proofNeeded',
    `re-authentication-required: this needs a fresh proof (${needs.join(' and ')}). Run it at a terminal, or log in again right before.`,
    { ...asCommandError(refused)!.more, needs },
  );
}
