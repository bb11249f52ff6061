import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { SessionChanges } from '../sessions/session-changes.js';
import { SessionStore } from '../sessions/session-store.js';

interface SessionToEnd {
  readonly account: AccountRef;
  readonly sessionId: string;
  readonly context: Context;
}
/** One open session of that account, by its id (R44). */
export class EndSession extends CommandOf<SessionToEnd, void> {}

@CommandHandler(EndSession)
export class EndSessionHandler implements ICommandHandler<EndSession> {
  constructor(
    private readonly sessions: SessionStore,
    private readonly changes: SessionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input: { account, sessionId, context } }: EndSession): Promise<void> {
    const found = await this.sessions.findOpen(account, sessionId);
    if (!found || found.session.expiresAt <= this.clock()) throw notFound();
    const { portal, accountId } = account;
    const session = { portal, accountId, sessionId, tokenHash: found.tokenHash };
    if (!(await this.changes.tryToMake(session, { kind: 'end' }, context))) throw notFound();
  }
}

const notFound = () => new Problem('not-found', 'The account has no such session.');
