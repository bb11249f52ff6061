import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { Usernames } from '../registry/usernames.js';
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
    private readonly newAccount: NewAccount,
    private readonly administrators: Administrators,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { portal, account, admin, context } }: RegisterAccount): Promise<{ readonly id: string }> {
    const id = await this.usernames.reserve({ portal, accountId: randomUUID() }, account.username);
    const ref = { portal, accountId: id };
    const facts = [await this.newAccount.make(ref, account, context)];
    if (admin) facts.push(await this.administrators.appoint(ref, context));
    await Promise.all(facts.map((fact) => this.effects.reached(['two-factor'], fact, context)));
    return { id };
  }
}
