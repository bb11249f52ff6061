import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { AccountStatus } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Administrators } from '../manage-accounts/administrators.js';
import { Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { Directory } from '../directory/directory.js';
import { SessionStore } from '../sessions/session-store.js';

/** Nobody can log in to the account, by any way, until it is resumed (R41). Answers with the status that remains. */
export class SuspendAccount extends CommandOf<
  { readonly account: AccountRef; readonly context: Context },
  { readonly status: AccountStatus }
> {}

/**
 * Of an administrator the portal's stream decides first. From the event on no session begins or counts; what a crash leaves of
 * the sessions ends at the resumption, before they could count again. The same call again finishes everything.
 */
@CommandHandler(SuspendAccount)
export class SuspendAccountHandler implements ICommandHandler<SuspendAccount> {
  constructor(
    private readonly accounts: Accounts,
    private readonly administrators: Administrators,
    private readonly sessions: SessionStore,
    private readonly directory: Directory,
    private readonly descriptions: Descriptions,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account, context } }: SuspendAccount): Promise<{ readonly status: AccountStatus }> {
    await this.accounts.get(account);
    const { suspended, stays } = await this.administrators.suspend(account, context);
    await this.directory.update(account);
    if (!stays) throw new Problem('last-administrator');
    // for good: they do not live again when the account is resumed; nor does a command that comes again end those since
    if ((await this.accounts.state(account)).suspendedAt !== null) await this.sessions.endAll(account);
    await this.effects.reached(['two-factor'], suspended, context);
    const { status } = await this.descriptions.describe(await this.accounts.get(account), context);
    return { status };
  }
}
