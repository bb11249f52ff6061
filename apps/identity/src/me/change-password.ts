import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Session } from '#libs/contracts/src/messages/requests.js';
import { NewPassword } from '../passwords/new-password.js';
import { PasswordCheck } from '../passwords/password-check.js';
import { Accounts } from '../registry/accounts.js';

export class ChangePassword extends Command<void> {
  constructor(
    readonly session: Session,
    readonly passwords: { readonly current: string; readonly new: string },
    readonly address: string,
    readonly correlationId: string,
  ) {
    super();
  }
}

/** All other sessions have ended when it answers. */
@CommandHandler(ChangePassword)
export class ChangePasswordHandler implements ICommandHandler<ChangePassword> {
  constructor(
    private readonly passwords: PasswordCheck,
    private readonly newPassword: NewPassword,
    private readonly accounts: Accounts,
  ) {}

  async execute({ session, passwords, address, correlationId }: ChangePassword): Promise<void> {
    const { portal, username, sessionId, accountId } = session;
    const typed = { address, portal, username, password: passwords.current };
    const { account } = await this.passwords.check(typed, 'wrong-password-at-change', correlationId);
    const checked = account.profile.passwordId;
    const origin = { actor: { kind: 'user' as const, id: accountId }, correlationId };
    await this.newPassword.set(account, passwords.new, { previous: checked, sessionId }, (passwordId) =>
      this.accounts.execute(account, origin, { type: 'ChangePassword', checked, passwordId, sessionId }),
    );
  }
}
