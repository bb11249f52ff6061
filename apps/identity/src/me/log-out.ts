import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Session } from '#libs/contracts/src/messages/requests.js';
import { Accounts } from '../registry/accounts.js';
import { SessionStore } from '../sessions/session-store.js';

export class LogOut extends Command<void> {
  constructor(
    readonly session: Session,
    readonly tokenHash: string,
    readonly correlationId: string,
  ) {
    super();
  }
}

@CommandHandler(LogOut)
export class LogOutHandler implements ICommandHandler<LogOut> {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: SessionStore,
  ) {}

  async execute({ session: { sessionId, ...account }, tokenHash, correlationId }: LogOut): Promise<void> {
    const origin = { actor: { kind: 'user' as const, id: account.accountId }, correlationId };
    await this.accounts.execute(account, origin, { type: 'RecordLogout', sessionId });
    await this.sessions.end(tokenHash);
  }
}
