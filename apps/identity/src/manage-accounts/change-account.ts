import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { Account } from '#libs/contracts/src/http/identity.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { AccountChanger, type AccountChanges } from './account-changer.js';

interface AccountToChange {
  readonly account: AccountRef;
  readonly changes: AccountChanges;
  readonly context: Context;
}
export class ChangeAccount extends CommandOf<AccountToChange, Account> {}

@CommandHandler(ChangeAccount)
export class ChangeAccountHandler implements ICommandHandler<ChangeAccount> {
  constructor(
    private readonly accounts: Accounts,
    private readonly changer: AccountChanger,
    private readonly descriptions: Descriptions,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account: ref, changes, context } }: ChangeAccount): Promise<Account> {
    const facts = await this.changer.record(await this.accounts.get(ref), changes, context);
    await Promise.all(facts.map((fact) => this.effects.reached(['two-factor'], fact, context)));
    return this.descriptions.describe(await this.accounts.get(ref), context);
  }
}
