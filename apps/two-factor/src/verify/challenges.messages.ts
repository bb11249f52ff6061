import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { commandOf, type RequestDelivery } from '#libs/messaging/src/requests.js';
import { proofOf } from '../accounts/own-change.js';
import { OpenChallenge } from './open-challenge.js';
import { VerifyChallenge } from './verify-challenge.js';
import { RequireProof } from './require-proof.js';
import { VerifyProof } from './verify-proof.js';

/** The same from the other apps. */
@Controller()
export class ChallengesMessages {
  constructor(private readonly commands: CommandBus) {}

  @MessagePattern(twoFactorRequests.openChallenge.pattern)
  open(@Payload() { portal, accountId, purpose }: PayloadOf<typeof twoFactorRequests.openChallenge>) {
    const origin = { actor: { kind: 'user' as const, id: accountId } };
    return this.commands.execute(new OpenChallenge({ portal, accountId }, purpose, origin));
  }

  @MessagePattern(twoFactorRequests.verifyChallenge.pattern)
  verify(
    @Payload() { challenge, purpose, ...typed }: PayloadOf<typeof twoFactorRequests.verifyChallenge>,
    @Ctx() delivery?: RequestDelivery,
  ) {
    const { command } = commandOf(delivery);
    return this.commands.execute(new VerifyChallenge(challenge, purpose, typed, undefined, command));
  }

  @MessagePattern(twoFactorRequests.verifyProof.pattern)
  proof(
    @Payload() { portal, accountId, sessionId, ...typed }: PayloadOf<typeof twoFactorRequests.verifyProof>,
    @Ctx() delivery?: RequestDelivery,
  ) {
    const { command } = commandOf(delivery);
    return this.commands.execute(new VerifyProof({ portal, accountId }, sessionId, typed, command));
  }
  @MessagePattern(twoFactorRequests.requireProof.pattern)
  async requireProof(
    @Payload() { portal, accountId, ...session }: PayloadOf<typeof twoFactorRequests.requireProof>,
  ): Promise<Record<string, never>> {
    await this.commands.execute(new RequireProof({ portal, accountId }, proofOf(session)));
    return {};
  }
}
