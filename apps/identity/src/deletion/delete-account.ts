import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Context, withoutCommand } from '#libs/contracts/src/context.js';
import { accepted, Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { noSuchAccount } from '../accounts/decide-account.js';
import { Administrators } from '../manage-accounts/administrators.js';
import { Accounts } from '../registry/accounts.js';
import { Deletions } from './deletions.js';

/** For good: nobody can log in to it again, and what is personal in its events can no longer be read (R42). */
export class DeleteAccount extends CommandOf<{ readonly account: AccountRef; readonly context: Context }, void> {}

/**
 * It is suspended first, as the portal's stream decides whether another administrator is left. The same call again finishes
 * everything.
 */
@CommandHandler(DeleteAccount)
export class DeleteAccountHandler implements ICommandHandler<DeleteAccount> {
  constructor(
    private readonly accounts: Accounts,
    private readonly administrators: Administrators,
    private readonly deletions: Deletions,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account, context } }: DeleteAccount): Promise<void> {
    const { profile, deleted } = await this.accounts.state(account);
    if (!profile) accepted(noSuchAccount);
    if (!deleted) await this.suspend(account, context);
    const recorded = await this.deletions.delete(account, context);
    await this.effects.reached(['two-factor', 'admin-policy'], recorded, context);
  }

  private async suspend(account: AccountRef, context: Context): Promise<void> {
    try {
      const { stays } = await this.administrators.suspend(account, withoutCommand(context));
      if (!stays) throw new Problem('last-administrator');
    } catch (error) {
      // by another call at the same moment
      if (!(error instanceof Problem && error.code === 'account-deleted')) throw error;
    }
  }
}
