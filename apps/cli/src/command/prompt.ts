import { read } from 'read';
import { CommandError, usageError } from './exit.js';

/** Whether a person is there: what is asked goes to standard error, what is typed comes from standard input. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** @throws CommandError nobody can be asked, or does not answer */
export async function ask(what: string, { hidden = false }: { readonly hidden?: boolean } = {}): Promise<string> {
  if (!canAsk()) throw usageError(`${what}: it is given nowhere, and nobody can be asked`);
  try {
    // not on standard output, which may be a file
    return (await read({ prompt: `${what}: `, silent: hidden, output: process.stderr })).trim();
  } catch {
    throw usageError('cancelled');
  }
}

/** A password may have blanks around it. */
export async function askPassword(what = 'Password'): Promise<string> {
  if (!canAsk()) throw usageError(`${what}: it is given nowhere, and nobody can be asked`);
  try {
    return await read({ prompt: `${what}: `, silent: true, output: process.stderr });
  } catch {
    throw usageError('cancelled');
  }
}

/** For what cannot be undone. @throws CommandError they say no, or nobody can be asked */
export async function confirm(what: string, { yes }: { readonly yes?: unknown }): Promise<void> {
  if (yes === true) return;
  if (!canAsk()) throw usageError(`${what} It is not done without --yes where nobody can be asked.`);
  const answer = await ask(`${what} Go on? [y/N]`);
  if (!/^y(es)?$/i.test(answer)) throw new CommandError('usage', 'Nothing was done.', { code: 'cancelled' });
}
