import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { context, type IdentityParts, openIdentityParts } from '../testing/identity-parts.js';
import { NewAccount } from './new-account.js';

const ref = { portal: 'demo', accountId: 'a1' };
const account = { username: 'alice', password: 'correct horse', type: 'contributor' } as const;

let parts: IdentityParts;
let newAccount: NewAccount;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  newAccount = new NewAccount(parts.newPassword, parts.accounts, parts.directory);
});
afterEach(() => parts.close());

test('R36 nothing is prepared for an account whose password cannot be hashed now', async () => {
  parts.hasher.hash = () => Promise.reject(new Problem('unavailable'));
  let prepared = false;
  const prepare = async () => void (prepared = true);
  await expect(newAccount.make(ref, account, context, prepare)).rejects.toMatchObject({ code: 'unavailable' });
  expect(prepared).toBe(false);
});

test('an account for which something could not be prepared is not made, and keeps no password', async () => {
  const prepare = () => Promise.reject(new Problem('username-taken'));
  await expect(newAccount.make(ref, account, context, prepare)).rejects.toMatchObject({ code: 'username-taken' });
  expect((await parts.accounts.state(ref)).profile).toBeNull();
  expect(await parts.engine.records('passwords').list({})).toEqual([]);
});

test.each([account, { username: 'alice', type: 'contributor' } as const])(
  'all is prepared before it is recorded: %j',
  async (wanted) => {
    const before: unknown[] = [];
    const prepare = async () => void before.push((await parts.accounts.state(ref)).profile);
    await newAccount.make(ref, wanted, context, prepare);
    expect(before).toEqual([null]);
    expect((await parts.accounts.state(ref)).profile).not.toBeNull();
  },
);
