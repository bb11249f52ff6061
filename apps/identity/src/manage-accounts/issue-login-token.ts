import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import { LoginTokens } from '../login/login-tokens.js';
import { type AccountRef, Accounts } from '../registry/accounts.js';

export class IssueLoginToken extends Command<{ readonly token: string; readonly expiresAt: string }> {
  constructor(
    readonly account: AccountRef,
    readonly origin: Origin,
  ) {
    super();
  }
}

@CommandHandler(IssueLoginToken)
export class IssueLoginTokenHandler implements ICommandHandler<IssueLoginToken> {
  constructor(
    private readonly accounts: Accounts,
    private readonly tokens: LoginTokens,
  ) {}

  async execute({ account, origin }: IssueLoginToken) {
    await this.accounts.get(account);
    const { id: loginTokenId, token, expiresAt } = await this.tokens.issue(account);
    await this.accounts.execute(account, origin, { type: 'RecordLoginToken', loginTokenId });
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }
}
