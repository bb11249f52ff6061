import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import { LoginTokens } from '../login/login-tokens.js';
import { type AccountRef, Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { SessionStore } from '../sessions/session-store.js';

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
    private readonly descriptions: Descriptions,
    private readonly sessions: SessionStore,
    private readonly tokens: LoginTokens,
  ) {}

  async execute({ account, origin }: IssueLoginToken) {
    const known = await this.accounts.get(account);
    // before the lock is looked at: one that comes in between raises it
    const epoch = await this.sessions.epoch(account);
    const { status } = await this.descriptions.describe(known);
    const goodFor = status === 'locked' ? null : epoch;
    const { id: loginTokenId, token, expiresAt } = await this.tokens.issue(account, goodFor);
    await this.accounts.execute(account, origin, { type: 'RecordLoginToken', loginTokenId });
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }
}
