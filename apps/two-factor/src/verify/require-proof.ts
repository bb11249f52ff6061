import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type AccountRef, SecondFactors } from '../accounts/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { unwrap } from '../second-factor/errors.js';
import type { Proof } from '../second-factor/policy.js';

export class RequireProof extends Command<void> {
  constructor(
    readonly account: AccountRef,
    readonly proof: Proof,
  ) {
    super();
  }
}

/** @throws Problem `re-authentication-required`, `account-locked` */
@CommandHandler(RequireProof)
export class RequireProofHandler implements ICommandHandler<RequireProof> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
  ) {}

  async execute({ account, proof }: RequireProof): Promise<void> {
    const origin = { actor: { kind: 'user' as const, id: account.accountId } };
    const { answer } = await this.secondFactors.execute(account, origin, async () => ({
      type: 'RequireProof' as const,
      policy: await this.policy.of(account),
      proof,
    }));
    unwrap(answer);
  }
}
