import { foldUsername } from '#libs/contracts/src/text/fold.js';
import { CommandError } from '../command/exit.js';
import type { Calling } from './calling.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What calls take for an account that somebody named: an id and `external:…` as they are; of a username the id. @throws CommandError */
export async function accountNamed(asked: Calling<'listAccounts'>, named: string): Promise<string> {
  if (UUID.test(named) || named.startsWith('external:')) return named;
  const portal = await asked.portal();
  const wanted = foldUsername(named);
  for (let after: string | undefined; ;) {
    const page = await asked.call('listAccounts', { portal, query: named, limit: 200, after });
    const found = page.accounts.find(({ username }) => foldUsername(username) === wanted);
    if (found) return found.id;
    if (page.next === null) break;
    after = page.next;
  }
  throw new CommandError('refused', `No account of ${portal} has the username ${named}.`, { code: 'not-found' });
}
