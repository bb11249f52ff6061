import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { actorOf, type Caller, serviceOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { OpenChallenge } from './open-challenge.js';
import { VerifyChallenge } from './verify-challenge.js';

/** For gateways that check the password themselves. */
@Controller()
export class ChallengesController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(twoFactorEndpoints.openChallenge)
  openChallenge(
    @In() { params, body, caller, correlationId }: Input<typeof twoFactorEndpoints.openChallenge>,
  ): Promise<ReplyOf<typeof twoFactorEndpoints.openChallenge>> {
    const account = { portal: params.portal, accountId: body.accountId };
    return this.commands.execute(
      new OpenChallenge(account, purposeOf(caller), { actor: actorOf(caller), correlationId }),
    );
  }

  @Handle(twoFactorEndpoints.verifyChallenge)
  async verifyChallenge(
    @In() { body, caller, correlationId }: Input<typeof twoFactorEndpoints.verifyChallenge>,
  ): Promise<ReplyOf<typeof twoFactorEndpoints.verifyChallenge>> {
    const { passed, accountId, method, backupCodesLeft } = await this.commands.execute(
      new VerifyChallenge(body.challenge, purposeOf(caller), body, correlationId),
    );
    return { passed, accountId, method, ...(backupCodesLeft !== undefined && { backupCodesLeft }) };
  }
}

function purposeOf(caller: Caller): ChallengePurpose {
  const { tokenId, portal } = serviceOf(caller);
  return { kind: 'gateway', serviceId: tokenId, portal };
}
