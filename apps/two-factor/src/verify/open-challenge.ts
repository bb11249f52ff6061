import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { actingAsUser, type Context } from '#libs/contracts/src/context.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { SecondFactors } from '../change/second-factors.js';
import { ChallengeSealer, type ToldClient } from '../challenge/sealed-challenge.js';
import { PolicyFacts } from '../policy/policy-facts.js';

export type ChallengeAnswer =
  | { readonly required: true; readonly challenge: string; readonly expiresAt: string }
  | {
      readonly required: false;
      /** The portal requires 2FA, and the account has none (R37). To gateways `isOver` is no answer, but a refusal. */
      readonly enrolment?: { readonly graceEndsAt: string; readonly isOver: boolean };
      /** A code would be required, were the browser not remembered (R39). */
      readonly remembered?: true;
    };

interface ChallengeToOpen {
  readonly account: AccountRef;
  readonly purpose: ChallengePurpose;
  /** Of a login from a remembered browser. */
  readonly browserEpoch?: number | undefined;
  /** As a gateway tells of its user. */
  readonly client?: ToldClient | undefined;
  readonly context: Context;
}
/** The password is right: is a code needed, or 2FA to be set up? (R15, R16, R37) */
export class OpenChallenge extends CommandOf<ChallengeToOpen, ChallengeAnswer> {}

@CommandHandler(OpenChallenge)
export class OpenChallengeHandler implements ICommandHandler<OpenChallenge> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly sealer: ChallengeSealer,
  ) {}

  async execute({
    input: { account, purpose, browserEpoch, client, context },
  }: OpenChallenge): Promise<ChallengeAnswer> {
    const challengeId = randomUUID();
    const { portal, accountId } = account;
    // else it is the gateway's own connection that was seen
    const by: Context = {
      ...(purpose.kind === 'login' ? actingAsUser(context, accountId) : context),
      ...(client && { client: { ...client, toldBy: 'gateway' } }),
    };
    const { answer } = await this.secondFactors.execute(account, by, async () => ({
      type: 'OpenChallenge' as const,
      policy: await this.policy.of(account),
      purpose: purpose.kind,
      challengeId,
      browserEpoch,
    }));
    const opened = accepted(answer);
    if (!opened.required) return opened;
    return {
      required: true,
      challenge: this.sealer.seal({ ...opened.challenge, portal, account: accountId, purpose, client }),
      expiresAt: new Date(opened.challenge.expiresAt).toISOString(),
    };
  }
}

/** As gateways are answered: whose time of grace is over they were refused. */
export const toGateway = (answer: ChallengeAnswer) =>
  answer.required || !answer.enrolment
    ? answer
    : { required: false as const, enrolment: { graceEndsAt: answer.enrolment.graceEndsAt } };
