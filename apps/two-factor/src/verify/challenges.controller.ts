import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { type Caller, serviceOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { OpenChallenge, toGateway } from './open-challenge.js';
import { VerifyChallenge } from './verify-challenge.js';

const { openChallenge, verifyChallenge } = twoFactorEndpoints;

/** For gateways that check the password themselves. */
@Controller()
export class ChallengesController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(openChallenge)
  async openChallenge(
    @In() { params: { portal }, body: { accountId, client }, caller, context }: Input<typeof openChallenge>,
  ) {
    const account = { portal, accountId };
    const opening = new OpenChallenge({ account, purpose: purposeOf(caller), client, context });
    return toGateway(await this.commands.execute(opening));
  }

  @Handle(verifyChallenge)
  async verifyChallenge(@In() { body: { challenge, ...typed }, caller, context }: Input<typeof verifyChallenge>) {
    const purpose = purposeOf(caller);
    const { passed, accountId, method, backupCodesLeft } = await this.commands.execute(
      new VerifyChallenge({ challenge, purpose, typed, context }),
    );
    return { passed, accountId, method, ...(backupCodesLeft !== undefined && { backupCodesLeft }) };
  }
}

function purposeOf(caller: Caller): ChallengePurpose {
  const { tokenId, portal } = serviceOf(caller);
  return { kind: 'gateway', serviceId: tokenId, portal };
}
