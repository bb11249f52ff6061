import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import pMap from 'p-map';
import type { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import type { Client } from '#libs/contracts/src/context.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { openClients } from '#libs/vault/src/personal/sealed-client.js';
import { Accounts } from '../registry/accounts.js';
import { LastSeen } from '../sessions/last-seen.js';
import { beganAt, SessionStore, type StoredSession } from '../sessions/session-store.js';

/** More are not shown; ending all ends them too. */
const MOST = 200;
const SIDE_BY_SIDE = 32;

export type ListedSessions = ReplyOf<typeof identityEndpoints.listSessions>;

interface SessionsToList {
  readonly account: AccountRef;
  /** The session that asks, if it is one. */
  readonly current: string | undefined;
}
/** The open sessions of an account, newest first (R44). */
export class ListSessions extends QueryOf<SessionsToList, ListedSessions> {}

@QueryHandler(ListSessions)
export class ListSessionsHandler implements IQueryHandler<ListSessions> {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: SessionStore,
    private readonly lastSeen: LastSeen,
    private readonly keys: PersonalKeys,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input: { account, current } }: ListSessions): Promise<ListedSessions> {
    const { suspendedAt } = await this.accounts.get(account);
    // a crash may have left some for the resumption to end
    if (suspendedAt !== null) return { sessions: [] };
    const newest = await this.newest(account);
    const sealed = newest.map(({ sessionId: id, origin }) => ({ id, origin }));
    const clients = await openClients(this.keys, account.portal, sealed);
    const describe = (one: StoredSession, at: number) => this.describe(one, clients[at], current);
    return { sessions: await pMap(newest, describe, { concurrency: SIDE_BY_SIDE }) };
  }

  private async newest(account: AccountRef): Promise<StoredSession[]> {
    const now = this.clock();
    let newest: StoredSession[] = [];
    for await (const page of this.sessions.open(account)) {
      const open = page.map(({ session }) => session).filter(({ expiresAt }) => expiresAt > now);
      newest = [...newest, ...open].sort(byAge).slice(0, MOST);
    }
    return newest;
  }

  private async describe(session: StoredSession, client: Client | undefined, current: string | undefined) {
    const { sessionId, method } = session;
    const began = beganAt(session);
    const seenAt = await this.lastSeen.of({ ...session, beganAt: began });
    return {
      id: sessionId,
      createdAt: new Date(began).toISOString(),
      lastSeenAt: new Date(seenAt).toISOString(),
      method,
      ...(client?.address !== undefined && { address: client.address }),
      ...(client?.userAgent !== undefined && { userAgent: client.userAgent }),
      ...(sessionId === current && { current: true as const }),
    };
  }
}

const byAge = (a: StoredSession, b: StoredSession): number =>
  beganAt(b) - beganAt(a) || (a.sessionId < b.sessionId ? -1 : 1);
