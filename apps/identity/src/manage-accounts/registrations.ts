import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import { Accounts, type KnownAccount } from '../registry/accounts.js';
import { ExternalIds } from '../registry/external-ids.js';
import { nameOf, Usernames } from '../registry/usernames.js';
import { type AccountToMake, NewAccount } from './new-account.js';

export interface Registered {
  readonly ref: AccountRef;
  /** What other apps must have reached (R28). */
  readonly recorded: Recorded;
}

/** New accounts under names of their own. Whose answer was lost asks again, and gets the same account (R33). */
@Injectable()
export class Registrations {
  constructor(
    private readonly usernames: Usernames,
    private readonly externalIds: ExternalIds,
    private readonly accounts: Accounts,
    private readonly newAccount: NewAccount,
  ) {}

  /** @throws Problem `username-taken`, `external-id-taken` */
  async register(portal: string, account: AccountToMake, context: Context): Promise<Registered> {
    const before = await this.sameAs(portal, account);
    if (before) return before;
    try {
      const accountId = await this.usernames.reserve({ portal, accountId: randomUUID() }, account.username);
      const ref = { portal, accountId };
      if (account.externalId !== undefined) await this.externalIds.claim(ref, account.externalId);
      return { ref, recorded: await this.newAccount.make(ref, account, context) };
    } catch (error) {
      // the same call at the same moment was first
      const other = error instanceof Problem && error.code === 'username-taken' && (await this.sameAs(portal, account));
      if (!other) throw error;
      return other;
    }
  }

  private async sameAs(portal: string, account: AccountToMake): Promise<Registered | null> {
    if (account.externalId === undefined) return null;
    const found = await this.externalIds.find(portal, account.externalId);
    if (!found) return null;
    if (!isSame(found, account)) throw new Problem('external-id-taken');
    const ref = { portal, accountId: found.accountId };
    return { ref, recorded: await this.accounts.recorded(ref) };
  }
}

/** A password is not compared: with one, it is another call. */
const isSame = ({ profile }: KnownAccount, { username, type, password }: AccountToMake): boolean =>
  password === undefined && nameOf(profile.username) === nameOf(username) && profile.type === type;
