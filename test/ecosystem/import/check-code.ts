import type { Api } from '#test/support/calls/client.js';
import type { Portal } from '#test/support/people/portal.js';

/** As a gateway that has checked the password itself: has a code checked for an account. */
export async function checkCode(portal: Portal, gateway: Api, username: string, code: string) {
  const { accounts } = (await portal.api.accounts(portal.id, { query: username })).success();
  const account = accounts.find((one) => one.username === username);
  if (account === undefined) throw new Error(`no account ${username}`);
  const opened = (await gateway.openChallenge(portal.id, account.id)).success();
  if (!opened.required) throw new Error('no code is asked for');
  return gateway.verifyChallenge(opened.challenge, { code });
}
