import { Inject } from '@nestjs/common';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { z } from 'zod';
import type { Context } from '#libs/contracts/src/context.js';
import { identityRequests, twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';
import { Portals } from '../registry/portals.js';
import { SessionStore } from '../sessions/session-store.js';
import type { HandOverRef } from './hand-over-ref.js';
import { RemovedGateways } from './removed-gateways.js';

type Described = z.input<typeof identityRequests.describeHandOver.reply>;
type Ended = Extract<Described, { status: 'ended' }>;
type Needed = 'code' | 'enrolment' | 'hand-over';

/** What the person has still to do, asked of two-factor now: only what it says of the second factor counts (R34, R37). */
export class DescribeHandOver extends QueryOf<
  { readonly handOver: HandOverRef; readonly context: Context },
  Described
> {}

@QueryHandler(DescribeHandOver)
export class DescribeHandOverHandler implements IQueryHandler<DescribeHandOver> {
  constructor(
    private readonly sessions: SessionStore,
    private readonly accounts: Accounts,
    private readonly portals: Portals,
    private readonly removedGateways: RemovedGateways,
    private readonly descriptions: Descriptions,
    private readonly requests: Requests,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input: { handOver, context } }: DescribeHandOver): Promise<Described> {
    const { sessionId, ...account } = handOver;
    const found = await this.sessions.findOpen(account, sessionId);
    const isOpen = found?.session.handOver !== undefined && found.session.expiresAt > this.clock();
    if (!isOpen || (await this.removedGateways.has(found.session.clientId))) return this.ended(handOver, context);
    const known = await this.accounts.find(account);
    if (!known || (await this.portals.isAdministrator(account))) return this.ended(handOver, context);
    const { passwordAt, handedOver, authenticatorId = null } = found.session.proof;
    const provedAt = new Date(passwordAt ?? 0).toISOString();
    const purpose = { kind: 'login' as const };
    try {
      const opened = await this.requests.send(twoFactorRequests.openChallenge, { ...account, purpose }, context);
      const due = opened.required ? undefined : opened.enrolment;
      const proof = { passwordAt: provedAt, ...(handedOver && { handedOver }), authenticatorId };
      const { missing, active } = await this.missing({ ...handOver, proof }, context);
      const overdue = due?.isOver ?? false;
      const needs = missing ?? (overdue ? 'enrolment' : null);
      return {
        status: 'open',
        username: known.profile.username,
        needs,
        ...(due && !due.isOver && { graceEndsAt: due.graceEndsAt }),
        overdue,
        provedAt,
        passed: active && missing === null,
      };
    } catch (error) {
      if (isBarred(error)) return { status: 'ended', reason: error.code };
      throw error;
    }
  }

  /** Whether it is because the account is suspended or locked now. */
  private async ended({ portal, accountId }: HandOverRef, context: Context): Promise<Ended> {
    try {
      await this.descriptions.refuseIfBarred({ portal, accountId }, context);
    } catch (error) {
      if (isBarred(error)) return { status: 'ended', reason: error.code };
      if (!(error instanceof Problem && error.code === 'invalid-credentials')) throw error;
    }
    return { status: 'ended' };
  }

  private async missing(
    session: z.input<typeof twoFactorRequests.requireProof.schema>,
    context: Context,
  ): Promise<{ missing: Needed | null; active: boolean }> {
    try {
      const { active } = await this.requests.send(twoFactorRequests.requireProof, session, context);
      return { missing: null, active };
    } catch (error) {
      if (!(error instanceof Problem && error.code === 're-authentication-required')) throw error;
      return { missing: error.extras.needs?.includes('hand-over') ? 'hand-over' : 'code', active: true };
    }
  }
}

type Barred = Problem & { readonly code: 'account-locked' | 'account-suspended' };
const isBarred = (error: unknown): error is Barred =>
  error instanceof Problem && (error.code === 'account-locked' || error.code === 'account-suspended');
