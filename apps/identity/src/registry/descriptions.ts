import type { AccountRef } from '#libs/contracts/src/stream.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Inject, Injectable } from '@nestjs/common';
import type { Account } from '#libs/contracts/src/http/identity.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import type { EnrolmentStatus } from '#libs/contracts/src/primitives.js';
import { accepted, lockedUntil, Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { Accounts, type KnownAccount } from './accounts.js';
import type { DirectoryEntry } from '../directory/directory.js';
import { isOfProvider } from '../accounts/account.js';
import { PortalSso } from '../login/sso/portal-sso.js';
import { enrolmentDue } from '../enrolment/due.js';
import { Requirements } from '../enrolment/requirements.js';
import { Portals } from './portals.js';

/** Joins what is known here of accounts with what two-factor knows of them. */
@Injectable()
export class Descriptions {
  constructor(
    private readonly requests: Requests,
    private readonly accounts: Accounts,
    private readonly portals: Portals,
    private readonly requirements: Requirements,
    private readonly sso: PortalSso,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async describe({ portal, profile, ...known }: KnownAccount, context: Context): Promise<Account> {
    const hasPassword = profile.passwordId !== null;
    const [account] = await this.describeAll(portal, [{ ...known, ...profile, hasPassword }], context);
    if (!account) throw new TypeError('one account was asked for and none described');
    if (context.actor.kind !== 'administrator' || profile.sso === null) return account;
    // of another provider it logs in nobody: it is as good as none, and can be set again
    const provider = await this.sso.find(portal);
    return {
      ...account,
      ...(isOfProvider(profile.sso, provider?.issuer ?? null) && { ssoSubject: profile.sso.subject }),
    };
  }

  async describeAll(portal: string, entries: readonly DirectoryEntry[], context: Context): Promise<Account[]> {
    const [secondFactors, { administrators }, dueAt] = await Promise.all([
      this.secondFactors(
        portal,
        entries.map(({ accountId }) => accountId),
        context,
      ),
      this.portals.state(portal),
      this.requirements.dueAt(portal),
    ]);
    return entries.map(({ externalId, suspendedAt, lastLoginAt, ...entry }) => {
      const { accountId: id, username, displayName, email, hasPassword, type } = entry;
      const { lockedAt, lockEndsAt, failedAttempts, graceEndsAt, twoFactor } = required(secondFactors.get(id));
      const mustEnrol = enrolmentDue({ type, enrolment: twoFactor.status, graceEndsAt: null }, dueAt) !== null;
      const admin = type === 'contributor' && administrators.includes(id);
      const status = suspendedAt !== null ? 'suspended' : lockedAt !== null ? 'locked' : 'active';
      return {
        ...(externalId !== null && { externalId }),
        ...{ id, username, displayName, email, hasPassword, type, admin, status },
        ...(suspendedAt !== null && { suspendedAt: timestampOf(suspendedAt) }),
        ...(lockedAt !== null && { lockedAt }),
        ...(lockEndsAt !== null && { lockEndsAt }),
        failedAttempts,
        ...(lastLoginAt !== null && { lastLoginAt: timestampOf(lastLoginAt) }),
        twoFactor,
        ...(mustEnrol && graceEndsAt !== null && { graceEndsAt }),
      };
    });
  }

  /**
   * Whether the account may log in at all. Answers whether it has 2FA.
   * @throws Problem `invalid-credentials` it was deleted; `account-suspended` (R41), `account-locked` (R23), in this order
   */
  async refuseIfBarred({ portal, accountId }: AccountRef, context: Context): Promise<EnrolmentStatus> {
    const { suspendedAt, deleted } = await this.accounts.state({ portal, accountId });
    if (deleted) throw new Problem('invalid-credentials');
    if (suspendedAt !== null) throw new Problem('account-suspended');
    const secondFactors = await this.secondFactors(portal, [accountId], context);
    const { lockedAt, lockEndsAt, twoFactor } = required(secondFactors.get(accountId));
    if (lockedAt !== null) accepted(lockedUntil(lockEndsAt === null ? null : Date.parse(lockEndsAt), this.clock()));
    return twoFactor.status;
  }

  private async secondFactors(portal: string, accountIds: string[], context: Context) {
    if (accountIds.length === 0) return new Map<string, never>();
    const { accounts } = await this.requests.send(twoFactorRequests.describeAccounts, { portal, accountIds }, context);
    return new Map(accounts.map((account) => [account.accountId, account]));
  }
}

const timestampOf = (at: number): string => new Date(at).toISOString();

function required<T>(described: T | undefined): T {
  if (described === undefined) throw new TypeError('two-factor described fewer accounts than were asked for');
  return described;
}
