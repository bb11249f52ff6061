import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import type { KnownAccount } from '../registry/accounts.js';
import { ExternalIds } from '../registry/external-ids.js';
import { nameOf, Usernames } from '../registry/usernames.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Administrators } from './administrators.js';
import { type AccountToMake, NewAccount } from './new-account.js';

interface AccountToRegister {
  readonly portal: string;
  readonly account: AccountToMake;
  readonly admin: boolean;
  readonly context: Context;
}
export class RegisterAccount extends CommandOf<AccountToRegister, { readonly id: string }> {}

@CommandHandler(RegisterAccount)
export class RegisterAccountHandler implements ICommandHandler<RegisterAccount> {
  constructor(
    private readonly usernames: Usernames,
    private readonly externalIds: ExternalIds,
    private readonly newAccount: NewAccount,
    private readonly administrators: Administrators,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { portal, account, admin, context } }: RegisterAccount): Promise<{ readonly id: string }> {
    const { externalId } = account;
    const before = externalId === undefined ? null : await this.externalIds.find(portal, externalId);
    if (before) return { id: this.sameAsBefore(before, account) };
    try {
      return { id: await this.make(portal, account, admin, context) };
    } catch (error) {
      // the same call at the same moment was first
      const other = externalId === undefined ? null : await this.externalIds.find(portal, externalId);
      if (!other || !(error instanceof Problem && error.code === 'username-taken')) throw error;
      return { id: this.sameAsBefore(other, account) };
    }
  }

  private async make(portal: string, account: AccountToMake, admin: boolean, context: Context): Promise<string> {
    const accountId = await this.usernames.reserve({ portal, accountId: randomUUID() }, account.username);
    const ref = { portal, accountId };
    if (account.externalId !== undefined) await this.externalIds.claim(ref, account.externalId);
    const facts = [await this.newAccount.make(ref, account, context)];
    if (admin) facts.push(await this.administrators.appoint(ref, context));
    await Promise.all(facts.map((fact) => this.effects.reached(['two-factor'], fact, context)));
    return accountId;
  }

  /** Whose answer was lost asks again (R33). @throws Problem `external-id-taken` */
  private sameAsBefore({ accountId, profile }: KnownAccount, { username, type }: AccountToMake): string {
    if (nameOf(profile.username) === nameOf(username) && profile.type === type) return accountId;
    throw new Problem('external-id-taken');
  }
}
