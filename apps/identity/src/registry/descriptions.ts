import type { AccountRef } from '#libs/contracts/src/stream.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Injectable } from '@nestjs/common';
import type { Account } from '#libs/contracts/src/http/identity.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { Accounts, type KnownAccount } from './accounts.js';
import type { DirectoryEntry } from './directory.js';
import { Portals } from './portals.js';

/** Joins what is known here of accounts with what two-factor knows of them. */
@Injectable()
export class Descriptions {
  constructor(
    private readonly requests: Requests,
    private readonly accounts: Accounts,
    private readonly portals: Portals,
  ) {}

  async describe({ portal, accountId, profile, suspendedAt }: KnownAccount, context: Context): Promise<Account> {
    const hasPassword = profile.passwordId !== null;
    const [account] = await this.describeAll(portal, [{ accountId, ...profile, hasPassword, suspendedAt }], context);
    if (!account) throw new TypeError('one account was asked for and none described');
    return account;
  }

  async describeAll(portal: string, entries: readonly DirectoryEntry[], context: Context): Promise<Account[]> {
    const [secondFactors, { administrators }] = await Promise.all([
      this.secondFactors(
        portal,
        entries.map(({ accountId }) => accountId),
        context,
      ),
      this.portals.state(portal),
    ]);
    return entries.map(({ accountId, username, displayName, email, externalId, hasPassword, type, suspendedAt }) => {
      const { status, twoFactor } = required(secondFactors.get(accountId));
      const admin = type === 'contributor' && administrators.includes(accountId);
      const known = {
        ...(externalId !== null && { externalId }),
        ...{ id: accountId, username, displayName, email, hasPassword, type, admin, twoFactor },
      };
      if (suspendedAt === null) return { ...known, status };
      return { ...known, status: 'suspended', suspendedAt: new Date(suspendedAt).toISOString() };
    });
  }

  /**
   * Whether the account may log in at all.
   * @throws Problem `invalid-credentials` it was deleted; `account-suspended` (R41), `account-locked` (R23), in this order
   */
  async refuseIfBarred({ portal, accountId }: AccountRef, context: Context): Promise<void> {
    const { suspendedAt, deleted } = await this.accounts.state({ portal, accountId });
    if (deleted) throw new Problem('invalid-credentials');
    if (suspendedAt !== null) throw new Problem('account-suspended');
    const { status } = required((await this.secondFactors(portal, [accountId], context)).get(accountId));
    if (status === 'locked') throw new Problem('account-locked');
  }

  private async secondFactors(portal: string, accountIds: string[], context: Context) {
    if (accountIds.length === 0) return new Map<string, never>();
    const { accounts } = await this.requests.send(twoFactorRequests.describeAccounts, { portal, accountIds }, context);
    return new Map(accounts.map((account) => [account.accountId, account]));
  }
}

function required<T>(described: T | undefined): T {
  if (described === undefined) throw new TypeError('two-factor described fewer accounts than were asked for');
  return described;
}
