import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { AccountStatus } from '#libs/contracts/src/primitives.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Administrators } from '../manage-accounts/administrators.js';
import { Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { Directory } from '../directory/directory.js';
import { SessionStore } from '../sessions/session-store.js';

/** Its user can log in again, but for a lock, which stays (R41). Answers with the status that remains. */
export class ResumeAccount extends CommandOf<
  { readonly account: AccountRef; readonly context: Context },
  { readonly status: AccountStatus }
> {}

@CommandHandler(ResumeAccount)
export class ResumeAccountHandler implements ICommandHandler<ResumeAccount> {
  constructor(
    private readonly accounts: Accounts,
    private readonly administrators: Administrators,
    private readonly sessions: SessionStore,
    private readonly directory: Directory,
    private readonly descriptions: Descriptions,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account, context } }: ResumeAccount): Promise<{ readonly status: AccountStatus }> {
    const { suspendedAt } = await this.accounts.get(account);
    await this.administrators.refuseService(account, context.actor);
    // what a crash may have left of the time before the suspension
    if (suspendedAt !== null) await this.sessions.endAll(account);
    const resumed = await this.accounts.execute(account, context, { type: 'Resume' });
    await this.administrators.keepInStep(account, context);
    await this.directory.update(account);
    await this.effects.reached(['two-factor'], resumed, context);
    const { status } = await this.descriptions.describe(await this.accounts.get(account), context);
    return { status };
  }
}
