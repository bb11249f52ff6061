import { Injectable } from '@nestjs/common';
import type { Account } from '#libs/contracts/src/http/identity.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { AccountRef, KnownAccount } from './accounts.js';
import type { DirectoryEntry } from './directory.js';
import { Portals } from './portals.js';

/** Joins what is known here of accounts with what two-factor knows of them. */
@Injectable()
export class Descriptions {
  constructor(
    private readonly requests: Requests,
    private readonly portals: Portals,
  ) {}

  async describe({ portal, accountId, profile }: KnownAccount): Promise<Account> {
    const [account] = await this.describeAll(portal, [{ accountId, ...profile }]);
    if (!account) throw new TypeError('one account was asked for and none described');
    return account;
  }

  async describeAll(portal: string, entries: readonly DirectoryEntry[]): Promise<Account[]> {
    const [secondFactors, { administrators }] = await Promise.all([
      this.secondFactors(
        portal,
        entries.map(({ accountId }) => accountId),
      ),
      this.portals.state(portal),
    ]);
    return entries.map(({ accountId, username, displayName, email, type }) => {
      const { status, twoFactor } = required(secondFactors.get(accountId));
      const admin = type === 'contributor' && administrators.includes(accountId);
      return { id: accountId, username, displayName, email, type, admin, status, twoFactor };
    });
  }

  /** @throws Problem `account-locked` (R23) */
  async refuseIfLocked({ portal, accountId }: AccountRef): Promise<void> {
    const { status } = required((await this.secondFactors(portal, [accountId])).get(accountId));
    if (status === 'locked') {
      throw new Problem(
        'account-locked',
        'The account is locked after too many failed attempts. An administrator can unlock it with Enable user.',
      );
    }
  }

  private async secondFactors(portal: string, accountIds: string[]) {
    if (accountIds.length === 0) return new Map<string, never>();
    const { accounts } = await this.requests.send(twoFactorRequests.describeAccounts, { portal, accountIds });
    return new Map(accounts.map((account) => [account.accountId, account]));
  }
}

function required<T>(described: T | undefined): T {
  if (described === undefined) throw new TypeError('two-factor described fewer accounts than were asked for');
  return described;
}
