import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { Requirements } from '../enrolment/requirements.js';
import { RemovedGateways } from '../hand-over/removed-gateways.js';
import { Accounts } from '../registry/accounts.js';
import { Portals } from '../registry/portals.js';
import { LastSeen } from './last-seen.js';
import { beganAt, SessionStore } from './session-store.js';

type Introspection = typeof identityRequests.introspectSession;

/** Whose session is it? Asked by every app at every call with a session token. */
@Controller()
export class IntrospectionController {
  constructor(
    private readonly sessions: SessionStore,
    private readonly accounts: Accounts,
    private readonly portals: Portals,
    private readonly lastSeen: LastSeen,
    private readonly requirements: Requirements,
    private readonly removedGateways: RemovedGateways,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @MessagePattern(identityRequests.introspectSession.pattern)
  async introspect(@Payload() { tokenHash }: PayloadOf<Introspection>): Promise<z.input<Introspection['reply']>> {
    const session = await this.sessions.find(tokenHash);
    if (!session) return { status: 'unknown' };
    if (session.endedAt !== null || session.expiresAt <= this.clock()) return { status: 'ended' };
    const { sessionId, portal, accountId, expiresAt, proof, handOver } = session;
    const [account, appointed] = await Promise.all([
      this.accounts.find(session),
      this.portals.isAdministrator(session),
    ]);
    if (!account) return { status: 'unknown' };
    // none of before the suspension is good, whether or not it is marked as ended by now
    if (account.suspendedAt !== null) return { status: 'ended' };
    // no administrator is handed over, whenever they became one (R34)
    if (handOver === 'answered' || (handOver && (appointed || (await this.removedGateways.has(session.clientId)))))
      return { status: 'ended' };
    this.lastSeen.note({ portal, accountId, sessionId, beganAt: beganAt(session) });
    const { username, type } = account.profile;
    return {
      status: 'active',
      session: {
        sessionId,
        portal,
        accountId,
        username,
        type,
        administrator: appointed && type === 'contributor',
        expiresAt: new Date(expiresAt).toISOString(),
        proof: {
          passwordAt: proof.passwordAt === null ? null : new Date(proof.passwordAt).toISOString(),
          authenticatorId: proof.authenticatorId ?? null,
          ...(proof.handedOver && { handedOver: true }),
        },
        ...(handOver && { handOver }),
        ...((await this.requirements.limit(session, type)) && { enrolmentRequired: true }),
      },
    };
  }
}
