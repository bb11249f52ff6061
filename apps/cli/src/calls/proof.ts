import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { CommandError } from '../command/exit.js';
import { tell } from '../command/output.js';
import { canAsk } from '../command/prompt.js';
import type { Login } from './kept-login.js';
import { codeOf, hasCode, passwordGiven, passwordOf } from './secrets.js';
import { send } from './sending.js';

type Need = 'password' | 'code';
/** Of a person who mistypes. */
const TRIES = 3;

/**
 * Proves anew who it is (R14), with what the product says that it needs.
 * @throws CommandError with exit `proofNeeded`: nobody can be asked
 */
export async function prove(to: { origin: URL; token?: string }, login: Login, refused: CommandError): Promise<void> {
  let needs = needsIn(refused);
  for (let tried = 1; ; tried += 1) {
    assertCanBeGiven(needs, refused);
    if (tried === 1 && canAsk()) tell(`Confirm that it is you, ${login.username}: the change needs it.`);
    const password = await passwordOf(process.env, undefined, `Password of ${login.username}`);
    const body = { password, ...(needs.includes('code') && (await codeOf(process.env))) };
    try {
      await send(to, identityEndpoints.reAuthenticate, { body });
      return;
    } catch (error) {
      if (!(error instanceof CommandError) || tried === TRIES) throw error;
      if (error.code === 're-authentication-required') needs = needsIn(error);
      else if (canAsk() && mistyped.has(error.code)) tell(error.message);
      else throw error;
    }
  }
}

const mistyped: ReadonlySet<string> = new Set(['invalid-credentials', 'wrong-code', 'malformed-code']);

const needsIn = ({ more }: CommandError): readonly Need[] =>
  (more.needs as readonly Need[] | undefined) ?? ['password'];

function assertCanBeGiven(needs: readonly Need[], { more }: CommandError): void {
  if (canAsk()) return;
  const password = passwordGiven(process.env) !== undefined;
  if (password && (!needs.includes('code') || hasCode(process.env))) return;
  throw new CommandError(
    'proofNeeded',
    `re-authentication-required: this needs a fresh proof (${needs.join(' and ')}). Run it at a terminal, or log in again right before.`,
    { ...more, code: 're-authentication-required', needs },
  );
}
