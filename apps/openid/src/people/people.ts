import { Inject, Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { systemContext } from '#libs/contracts/src/context.js';
import { type DescribedSession, identityRequests } from '#libs/contracts/src/messages/requests.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { RecentAnswers } from '#libs/platform/src/auth/recent-answers.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { tokenHash } from '#libs/secrets/src/tokens.js';
import { idHash } from '../storage/sealed-payloads.js';

const LOGINS = 'openid-logins';
const LASTS_MS = 12 * 60 * 60_000;

/** A session of identity's, which a session of the provider stands on. */
export interface SessionRef extends AccountRef {
  readonly sessionId: string;
}
export type Person = SessionRef & DescribedSession;

/**
 * Which person a session of the provider is. It is as good as the session of identity's that it was begun with: whatever ends
 * that ends it, at the next look, which is a second ago at most (R23, R35, R41).
 */
@Injectable()
export class People {
  private readonly logins: Records<SessionRef>;
  private readonly recent: RecentAnswers<{ readonly person: Person | null }>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly requests: Requests,
    private readonly expiries: Expiries,
  ) {
    this.logins = engine.records(LOGINS);
    this.recent = new RecentAnswers(async (key, context) => ({ person: await this.look(refOf(key), context) }));
  }

  /** `uid`: of the provider's session. */
  async begin(uid: string, session: SessionRef): Promise<void> {
    const { portal, accountId, sessionId } = session;
    const key = [portal, idHash(uid)];
    await this.expiries.add(this.clock() + LASTS_MS, { collection: LOGINS, key });
    await this.logins.put(key, { portal, accountId, sessionId });
  }

  /** The id of identity's session that the provider's stands on. */
  async sessionOf(portal: string, uid: string): Promise<string | undefined> {
    return (await this.logins.get([portal, idHash(uid)]))?.sessionId;
  }

  /** Null: the session of identity's has ended, or there never was one. */
  async of(portal: string, uid: string | undefined, context: Context = systemContext()): Promise<Person | null> {
    const ref = uid === undefined ? undefined : await this.logins.get([portal, idHash(uid)]);
    return ref ? this.bySession(ref, context) : null;
  }

  private async bySession(ref: SessionRef, context: Context): Promise<Person | null> {
    return (await this.recent.of(keyOf(ref), context)).person;
  }

  /** Of a token of the console, as it is now; null: it is not good, or another portal's. */
  async byToken(portal: string, token: string, context: Context): Promise<Person | null> {
    const asked = { tokenHash: tokenHash(token) };
    const found = await this.requests.send(identityRequests.introspectSession, asked, context);
    if (found.status !== 'active' || found.session.portal !== portal) return null;
    const { accountId, sessionId } = found.session;
    return this.look({ portal, accountId, sessionId }, context);
  }

  /** Who logs out of an application logs out: of the session that it knows, and of the one that the browser has by now. */
  async end(portal: string, uid: string, token: string | undefined, context: Context): Promise<void> {
    const known = await this.logins.get([portal, idHash(uid)]);
    const present = token === undefined ? null : await this.byToken(portal, token, context);
    for (const ref of [known, present]) {
      if (!ref) continue;
      const { accountId, sessionId } = ref;
      await this.requests.send(identityRequests.endSession, { portal, accountId, sessionId }, context);
    }
  }

  private async look(ref: SessionRef, context: Context): Promise<Person | null> {
    const described = await this.requests.send(identityRequests.describeSession, ref, context);
    return described.status === 'active' ? { ...ref, ...described.session } : null;
  }
}

const keyOf = ({ portal, accountId, sessionId }: SessionRef): string => [portal, accountId, sessionId].join('/');
function refOf(key: string): SessionRef {
  const [portal, accountId, sessionId] = key.split('/') as [string, string, string];
  return { portal, accountId, sessionId };
}
