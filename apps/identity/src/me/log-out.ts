import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Session } from '#libs/contracts/src/messages/requests.js';
import { SessionChanges } from '../sessions/session-changes.js';

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
  constructor(private readonly changes: SessionChanges) {}

  execute({ session, tokenHash, correlationId }: LogOut): Promise<void> {
    return this.changes.make({ ...session, tokenHash }, { kind: 'log-out' }, correlationId);
  }
}
