import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { Usernames } from '../registry/usernames.js';
import { Administrators } from './administrators.js';
import { type AccountToMake, NewAccount } from './new-account.js';

export class RegisterAccount extends Command<{ readonly id: string }> {
  constructor(
    readonly portal: string,
    readonly account: AccountToMake,
    readonly admin: boolean,
    readonly origin: Origin,
  ) {
    super();
  }
}

@CommandHandler(RegisterAccount)
export class RegisterAccountHandler implements ICommandHandler<RegisterAccount> {
  constructor(
    private readonly usernames: Usernames,
    private readonly newAccount: NewAccount,
    private readonly administrators: Administrators,
    private readonly effects: Effects,
  ) {}

  async execute({ portal, account, admin, origin }: RegisterAccount): Promise<{ readonly id: string }> {
    const id = await this.usernames.reserve({ portal, accountId: randomUUID() }, account.username);
    const ref = { portal, accountId: id };
    const facts = [await this.newAccount.make(ref, account, origin)];
    if (admin) facts.push(await this.administrators.appoint(ref, origin));
    await Promise.all(facts.map((fact) => this.effects.reached(['two-factor'], fact)));
    return { id };
  }
}
