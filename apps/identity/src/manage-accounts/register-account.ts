import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Administrators } from './administrators.js';
import type { AccountToMake } from './new-account.js';
import { Registrations } from './registrations.js';

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
    private readonly registrations: Registrations,
    private readonly administrators: Administrators,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { portal, account, admin, context } }: RegisterAccount): Promise<{ readonly id: string }> {
    const { ref, recorded } = await this.registrations.register(portal, account, context);
    const facts = [recorded];
    if (admin) facts.push(await this.administrators.appoint(ref, context));
    await Promise.all(facts.map((fact) => this.effects.reached(['two-factor'], fact, context)));
    return { id: ref.accountId };
  }
}
