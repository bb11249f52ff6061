import type { AccountRef } from '#libs/contracts/src/stream.js';
import { accountOfActor } from '#libs/contracts/src/events/event.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { LoginTokens } from '../login/login-tokens.js';
import { Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { SessionStore } from '../sessions/session-store.js';

export class IssueLoginToken extends CommandOf<
  { readonly account: AccountRef; readonly context: Context },
  { readonly token: string; readonly expiresAt: string }
> {}

@CommandHandler(IssueLoginToken)
export class IssueLoginTokenHandler implements ICommandHandler<IssueLoginToken> {
  constructor(
    private readonly accounts: Accounts,
    private readonly descriptions: Descriptions,
    private readonly sessions: SessionStore,
    private readonly tokens: LoginTokens,
  ) {}

  async execute({ input: { account, context } }: IssueLoginToken) {
    const known = await this.accounts.get(account);
    // before lock and suspension are looked at: one that comes in between raises it
    const epoch = await this.sessions.epoch(account);
    const { status } = await this.descriptions.describe(known, context);
    const isOwn = accountOfActor(context.actor) === account.accountId;
    const {
      id: loginTokenId,
      token,
      expiresAt,
    } = await this.tokens.issue(account, {
      epoch: status === 'active' ? epoch : null,
      ...(isOwn && { selfIssued: true }),
    });
    await this.accounts.execute(account, context, { type: 'RecordLoginToken', loginTokenId });
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }
}
