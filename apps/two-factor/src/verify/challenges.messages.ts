import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { OpenChallenge } from './open-challenge.js';
import { VerifyChallenge } from './verify-challenge.js';
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
  verify(@Payload() { challenge, purpose, ...typed }: PayloadOf<typeof twoFactorRequests.verifyChallenge>) {
    return this.commands.execute(new VerifyChallenge(challenge, purpose, typed));
  }

  @MessagePattern(twoFactorRequests.verifyProof.pattern)
  proof(@Payload() { portal, accountId, sessionId, ...typed }: PayloadOf<typeof twoFactorRequests.verifyProof>) {
    return this.commands.execute(new VerifyProof({ portal, accountId }, sessionId, typed));
  }
}
