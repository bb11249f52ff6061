import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Session } from '#libs/contracts/src/messages/requests.js';
import { SessionChanges } from '../sessions/session-changes.js';

export class LogOut extends CommandOf<
  { readonly session: Session; readonly tokenHash: string; readonly context: Context },
  void
> {}

@CommandHandler(LogOut)
export class LogOutHandler implements ICommandHandler<LogOut> {
  constructor(private readonly changes: SessionChanges) {}

  execute({ input: { session, tokenHash, context } }: LogOut): Promise<void> {
    return this.changes.make({ ...session, tokenHash }, { kind: 'log-out' }, context);
  }
}
