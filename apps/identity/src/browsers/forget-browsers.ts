import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Accounts } from '../registry/accounts.js';
import { RememberedBrowsers } from './remembered-browsers.js';

interface BrowsersToForget {
  readonly account: AccountRef;
  /** Missing: all. */
  readonly browserId?: string;
  readonly context: Context;
}
/** By the person or an administrator (R39, R44). The sessions that began there go on. */
export class ForgetBrowsers extends CommandOf<BrowsersToForget, void> {}

@CommandHandler(ForgetBrowsers)
export class ForgetBrowsersHandler implements ICommandHandler<ForgetBrowsers> {
  constructor(
    private readonly accounts: Accounts,
    private readonly browsers: RememberedBrowsers,
  ) {}

  async execute({ input: { account, browserId, context } }: ForgetBrowsers): Promise<void> {
    await this.accounts.get(account);
    const { browsers } = await this.accounts.state(account);
    if (browserId !== undefined && !browsers.includes(browserId))
      throw new Problem('not-found', 'The account has no such browser.');
    await this.browsers.forget(account, browserId === undefined ? browsers : [browserId], 'ended', context);
  }
}
