import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Session } from '#libs/contracts/src/messages/requests.js';
import { NewPassword } from '../passwords/new-password.js';
import { PasswordCheck } from '../passwords/password-check.js';
import { Accounts } from '../registry/accounts.js';

interface PasswordToChange {
  readonly session: Session;
  readonly passwords: { readonly current: string; readonly new: string };
  readonly address: string;
  readonly context: Context;
}
export class ChangePassword extends CommandOf<PasswordToChange, void> {}

/** All other sessions have ended when it answers. */
@CommandHandler(ChangePassword)
export class ChangePasswordHandler implements ICommandHandler<ChangePassword> {
  constructor(
    private readonly passwords: PasswordCheck,
    private readonly newPassword: NewPassword,
    private readonly accounts: Accounts,
  ) {}

  async execute({ input: { session, passwords, address, context } }: ChangePassword): Promise<void> {
    const { portal, username, sessionId } = session;
    const typed = { address, portal, username, password: passwords.current };
    const { account } = await this.passwords.check(typed, 'wrong-password-at-change', context);
    const checked = account.profile.passwordId;
    // the password was right, so there is one
    if (checked === null) throw new TypeError('a password was right that the account does not have');
    await this.newPassword.set(account, passwords.new, { previous: checked, sessionId }, (passwordId) =>
      this.accounts.execute(account, context, { type: 'ChangePassword', checked, passwordId, sessionId }),
    );
  }
}
