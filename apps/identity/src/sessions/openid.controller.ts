import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import { actingAsUser, type Context } from '#libs/contracts/src/context.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { Requirements } from '../enrolment/requirements.js';
import { Accounts } from '../registry/accounts.js';
import { LastSeen } from './last-seen.js';
import { SessionChanges } from './session-changes.js';
import { beganAt, SessionStore } from './session-store.js';

const { describeSession, endSession } = identityRequests;

/** What the OpenID Provider asks of the sessions that its own stand on (R35). */
@Controller()
export class OpenidController {
  constructor(
    private readonly sessions: SessionStore,
    private readonly changes: SessionChanges,
    private readonly accounts: Accounts,
    private readonly lastSeen: LastSeen,
    private readonly requirements: Requirements,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @MessagePattern(describeSession.pattern)
  async describe(
    @Payload() { portal, accountId, sessionId }: PayloadOf<typeof describeSession>,
  ): Promise<z.input<typeof describeSession.reply>> {
    const account = { portal, accountId };
    const found = await this.sessions.findOpen(account, sessionId);
    const known = found && found.session.expiresAt > this.clock() ? await this.accounts.find(account) : null;
    // one by hand-over logs nobody in to an application (R34)
    if (!found || found.session.handOver || known?.suspendedAt !== null) return { status: 'ended' };
    const { session } = found;
    this.lastSeen.note({ ...account, sessionId, beganAt: beganAt(session) });
    const { passwordAt, authenticatorId = null } = session.proof;
    const { username, displayName, email } = known.profile;
    return {
      status: 'active',
      session: {
        beganAt: timestampOf(beganAt(session)),
        expiresAt: timestampOf(session.expiresAt),
        proof: { passwordAt: passwordAt === null ? null : timestampOf(passwordAt), authenticatorId },
        ...((await this.requirements.limit(session, known.profile.type)) && { enrolmentRequired: true as const }),
        ...{ username, displayName, email },
      },
    };
  }

  @MessagePattern(endSession.pattern)
  async end(
    @Payload() { portal, accountId, sessionId }: PayloadOf<typeof endSession>,
    @Ctx() context: Context,
  ): Promise<Record<string, never>> {
    const found = await this.sessions.findOpen({ portal, accountId }, sessionId);
    if (found) {
      const session = { portal, accountId, sessionId, tokenHash: found.tokenHash };
      await this.changes.tryToMake(session, { kind: 'log-out' }, actingAsUser(context, accountId));
    }
    return {};
  }
}

const timestampOf = (at: number): string => new Date(at).toISOString();
