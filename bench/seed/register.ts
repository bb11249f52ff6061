import { accountFold } from '#apps/identity/src/accounts/account.js';
import { Accounts } from '#apps/identity/src/registry/accounts.js';
import { ACCOUNT_SNAPSHOTS } from '#apps/identity/src/registry/rebuild.js';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { accountId, PORTAL } from './accounts.js';
import { concurrently } from './concurrently.js';

const AT_ONCE = 256;

/** `AccountRegistered` for each; nobody has a password. The product learns the rest from the log. */
export async function registerAccounts(engine: Engine, count: number): Promise<void> {
  const snapshots = engine.records<never>(ACCOUNT_SNAPSHOTS);
  const accounts = new Accounts(new Aggregates(accountFold, { log: engine.log, snapshots, clock: Date.now }));
  await concurrently(count, AT_ONCE, (index) => {
    const account = { username: `user-${index}`, type: 'contributor' as const, passwordId: 'none' };
    const origin = { actor: { kind: 'system' as const } };
    return accounts.execute({ portal: PORTAL, accountId: accountId(index) }, origin, { type: 'Register', account });
  });
}
