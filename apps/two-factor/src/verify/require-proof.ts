import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import type { Proof } from '../second-factor/policy.js';

interface ProofToRequire {
  readonly account: AccountRef;
  readonly proof: Proof;
  readonly context: Context;
}
export class RequireProof extends CommandOf<ProofToRequire, { readonly active: boolean }> {}

/** @throws Problem `account-suspended`, `account-locked`, `re-authentication-required` */
@CommandHandler(RequireProof)
export class RequireProofHandler implements ICommandHandler<RequireProof> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
  ) {}

  async execute({ input: { account, proof, context } }: RequireProof): Promise<{ active: boolean }> {
    const { answer } = await this.secondFactors.execute(account, context, async () => ({
      type: 'RequireProof' as const,
      policy: await this.policy.of(account),
      proof,
    }));
    const { active } = accepted(answer);
    return { active };
  }
}
