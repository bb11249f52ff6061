import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { type Caller, sessionOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { EndSession, EndSessionHandler } from './end-session.js';
import { EndSessions, EndSessionsHandler } from './end-sessions.js';
import { ListSessions, ListSessionsHandler } from './list-sessions.js';

const { mySessions, endMySession, endMyOtherSessions, listSessions, endSession, endSessions } = identityEndpoints;

/** What carries these calls out. */
export const sessionsHandlers = [ListSessionsHandler, EndSessionHandler, EndSessionsHandler];

/** Sessions, seen and ended by their person or by an administrator (R44). */
@Controller()
export class SessionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(mySessions)
  mine(@In() { caller }: Input<typeof mySessions>) {
    return this.queries.execute(new ListSessions({ account: ownOf(caller), current: currentOf(caller) }));
  }

  @Handle(endMySession)
  endMine(@In() { params: { session: sessionId }, caller, context }: Input<typeof endMySession>) {
    return this.commands.execute(new EndSession({ account: ownOf(caller), sessionId, context }));
  }

  @Handle(endMyOtherSessions)
  endMyOthers(@In() { caller, context }: Input<typeof endMyOtherSessions>) {
    const { sessionId: except } = sessionOf(caller);
    return this.commands.execute(new EndSessions({ account: ownOf(caller), except, context }));
  }

  @Handle(listSessions)
  list(@In() { params, caller }: Input<typeof listSessions>) {
    return this.queries.execute(new ListSessions({ account: refOf(params), current: currentOf(caller) }));
  }

  @Handle(endSession)
  end(@In() { params, context }: Input<typeof endSession>) {
    return this.commands.execute(new EndSession({ account: refOf(params), sessionId: params.session, context }));
  }

  @Handle(endSessions)
  endAll(@In() { params, context }: Input<typeof endSessions>) {
    return this.commands.execute(new EndSessions({ account: refOf(params), context }));
  }
}

const refOf = ({ portal, account }: { portal: string; account: string }) => ({ portal, accountId: account });
const ownOf = (caller: Caller) => refOf({ portal: sessionOf(caller).portal, account: sessionOf(caller).accountId });
const currentOf = (caller: Caller) => (caller.kind === 'session' ? caller.session.sessionId : undefined);
