import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { Context } from '#libs/contracts/src/context.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { SessionStore } from '../sessions/session-store.js';
import { BeginHandOver, BeginHandOverHandler } from './begin-hand-over.js';
import { DescribeHandOver, DescribeHandOverHandler } from './describe-hand-over.js';
import { ProveHandOver, ProveHandOverHandler } from './prove-hand-over.js';

const { handOver, describeHandOver, proveHandOver, answerHandOver, endHandOver } = identityRequests;

/** What carries these calls out. */
export const handOverHandlers = [BeginHandOverHandler, DescribeHandOverHandler, ProveHandOverHandler];

/** Asked by the OpenID Provider, which has proved that the gateway may vouch (R34). */
@Controller()
export class HandOverMessages {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly sessions: SessionStore,
  ) {}

  @MessagePattern(handOver.pattern)
  async begin(@Payload() { provedAt, ...asked }: PayloadOf<typeof handOver>, @Ctx() context: Context) {
    const begun = await this.commands.execute(new BeginHandOver({ ...asked, provedAt: Date.parse(provedAt), context }));
    const { accountId, sessionId, accessToken } = begun;
    return { accountId, sessionId, accessToken };
  }

  @MessagePattern(describeHandOver.pattern)
  describe(@Payload() ref: PayloadOf<typeof describeHandOver>, @Ctx() context: Context) {
    return this.queries.execute(new DescribeHandOver({ handOver: ref, context }));
  }

  @MessagePattern(proveHandOver.pattern)
  async prove(
    @Payload() { code, backupCode, ...ref }: PayloadOf<typeof proveHandOver>,
    @Ctx() context: Context,
  ): Promise<Record<string, never>> {
    await this.commands.execute(new ProveHandOver({ handOver: ref, typed: { code, backupCode }, context }));
    return {};
  }

  @MessagePattern(answerHandOver.pattern)
  async answer(@Payload() { sessionId, ...account }: PayloadOf<typeof answerHandOver>): Promise<Record<string, never>> {
    const found = await this.sessions.findOpen(account, sessionId);
    const isAnswered = found?.session.handOver !== undefined && (await this.sessions.answered(found.tokenHash));
    if (!isAnswered) throw new Problem('session-ended');
    return {};
  }

  /** No event: what was begun by the gateway's word has ended with its answer. */
  @MessagePattern(endHandOver.pattern)
  async end(@Payload() { sessionId, ...account }: PayloadOf<typeof endHandOver>): Promise<Record<string, never>> {
    const found = await this.sessions.findOpen(account, sessionId);
    if (found?.session.handOver) await this.sessions.end(found.tokenHash);
    return {};
  }
}
