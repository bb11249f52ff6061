import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { SecondFactors } from '../change/second-factors.js';
import { ChallengeSealer, type ToldClient } from '../challenge/sealed-challenge.js';
import { PolicyFacts } from '../policy/policy-facts.js';

export type ChallengeAnswer =
  { readonly required: false } | { readonly required: true; readonly challenge: string; readonly expiresAt: string };

interface ChallengeToOpen {
  readonly account: AccountRef;
  readonly purpose: ChallengePurpose;
  /** As a gateway tells of its user. */
  readonly client?: ToldClient | undefined;
  readonly context: Context;
}
/** The password is right: is a code needed? (R15, R16) */
export class OpenChallenge extends CommandOf<ChallengeToOpen, ChallengeAnswer> {}

@CommandHandler(OpenChallenge)
export class OpenChallengeHandler implements ICommandHandler<OpenChallenge> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly sealer: ChallengeSealer,
  ) {}

  async execute({ input: { account, purpose, client, context } }: OpenChallenge): Promise<ChallengeAnswer> {
    const challengeId = randomUUID();
    const { answer } = await this.secondFactors.execute(account, context, async () => ({
      type: 'OpenChallenge' as const,
      policy: await this.policy.of(account),
      challengeId,
    }));
    const opened = accepted(answer);
    if (!opened.required) return opened;
    const { portal, accountId } = account;
    return {
      required: true,
      challenge: this.sealer.seal({ ...opened.challenge, portal, account: accountId, purpose, client }),
      expiresAt: new Date(opened.challenge.expiresAt).toISOString(),
    };
  }
}
