import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { type AccountRef, SecondFactors } from '../accounts/second-factors.js';
import { ChallengeSealer } from '../challenge/sealed-challenge.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { unwrap } from '../second-factor/errors.js';

export type ChallengeAnswer =
  { readonly required: false } | { readonly required: true; readonly challenge: string; readonly expiresAt: string };

export class OpenChallenge extends Command<ChallengeAnswer> {
  constructor(
    readonly account: AccountRef,
    readonly purpose: ChallengePurpose,
    readonly origin: Origin,
  ) {
    super();
  }
}

/** The password is right: is a code needed? (R15, R16) */
@CommandHandler(OpenChallenge)
export class OpenChallengeHandler implements ICommandHandler<OpenChallenge> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly sealer: ChallengeSealer,
  ) {}

  async execute({ account, purpose, origin }: OpenChallenge): Promise<ChallengeAnswer> {
    const challengeId = randomUUID();
    const { answer } = await this.secondFactors.execute(account, origin, async () => ({
      type: 'OpenChallenge' as const,
      policy: await this.policy.of(account),
      challengeId,
    }));
    const opened = unwrap(answer);
    if (!opened.required) return opened;
    const { id, epoch, expiresAt } = opened.challenge;
    return {
      required: true,
      challenge: this.sealer.seal({
        id,
        portal: account.portal,
        account: account.accountId,
        purpose,
        epoch,
        expiresAt,
      }),
      expiresAt: new Date(expiresAt).toISOString(),
    };
  }
}
