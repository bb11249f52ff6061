import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import pMap from 'p-map';
import type { Context } from '#libs/contracts/src/context.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { Accounts } from '../registry/accounts.js';
import { SessionChanges } from '../sessions/session-changes.js';
import { SessionStore } from '../sessions/session-store.js';

/** Notes and ends are written side by side; the events of one account take turns. */
const SIDE_BY_SIDE = 16;

interface SessionsToEnd {
  readonly account: AccountRef;
  /** The session that stays. */
  readonly except?: string;
  readonly context: Context;
}
/** All open sessions of the account, each with an event of its own; open logins and login tokens end with them (R44). */
export class EndSessions extends CommandOf<SessionsToEnd, void> {}

@CommandHandler(EndSessions)
export class EndSessionsHandler implements ICommandHandler<EndSessions> {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: SessionStore,
    private readonly changes: SessionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input: { account, except, context } }: EndSessions): Promise<void> {
    const { portal, accountId } = await this.accounts.get(account);
    const now = this.clock();
    // before they are listed: a session that is stored later sees it, and ends by itself
    await this.sessions.raiseEpoch(account);
    for await (const page of this.sessions.open(account)) {
      const ending = page.filter(({ session }) => session.sessionId !== except && session.expiresAt > now);
      const endOne = ({ tokenHash, session: { sessionId } }: (typeof ending)[number]) =>
        this.changes.tryToMake({ portal, accountId, sessionId, tokenHash }, { kind: 'end' }, context);
      await pMap(ending, endOne, { concurrency: SIDE_BY_SIDE });
    }
  }
}
