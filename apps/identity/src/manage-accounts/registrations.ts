import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import { Accounts, type KnownAccount } from '../registry/accounts.js';
import { Portals } from '../registry/portals.js';
import { Administrators } from './administrators.js';
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
    private readonly portals: Portals,
    private readonly administrators: Administrators,
  ) {}

  /** @throws Problem `username-taken`, `external-id-taken`, `forbidden` */
  async register(portal: string, account: AccountToMake, context: Context): Promise<Registered> {
    const before = await this.sameAs(portal, account, context);
    if (before) return before;
    try {
      return await this.registerNew(portal, account, context);
    } catch (error) {
      // the same call at the same moment was first
      const same = isTaken(error) && (await this.sameAs(portal, account, context));
      if (!same) throw error;
      return same;
    }
  }

  /**
   * An account that is not there yet. `prepare` is done when its id is known, right before it is made.
   * @throws Problem `username-taken`, `external-id-taken`, and what `prepare` throws
   */
  async registerNew(
    portal: string,
    account: AccountToMake,
    context: Context,
    prepare?: (ref: AccountRef) => Promise<void>,
  ): Promise<Registered> {
    const { username, externalId } = account;
    const accountId = await this.usernames.reserve({ portal, accountId: randomUUID() }, username);
    const ref = { portal, accountId };
    const mine = externalId === undefined ? undefined : await this.externalIds.claim(ref, externalId);
    try {
      const recorded = await this.newAccount.make(ref, account, context, prepare && (() => prepare(ref)));
      if (externalId !== undefined) await this.externalIds.settle(ref, externalId, mine);
      return { ref, recorded };
    } catch (error) {
      // another call made the account, perhaps with another external id
      if (isTaken(error) && externalId !== undefined) await this.externalIds.settle(ref, externalId, mine);
      throw error;
    }
  }

  private async sameAs(portal: string, account: AccountToMake, { actor }: Context): Promise<Registered | null> {
    if (account.externalId === undefined) return null;
    const found = await this.externalIds.find(portal, account.externalId);
    if (!found) return null;
    await this.administrators.refuseService(found, actor);
    if (!isSame(found, account) || (await this.portals.isAdministrator(found))) throw new Problem('external-id-taken');
    const ref = { portal, accountId: found.accountId };
    return { ref, recorded: await this.accounts.recorded(ref) };
  }
}

const isTaken = (error: unknown): boolean => error instanceof Problem && error.code === 'username-taken';

/** A password is not compared: with one, it is another call. */
const isSame = ({ profile }: KnownAccount, { username, type, password }: AccountToMake): boolean =>
  password === undefined && nameOf(profile.username) === nameOf(username) && profile.type === type;
