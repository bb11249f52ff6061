import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { accepted } from '#libs/contracts/src/problems.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { OwnChange } from '../change/own-change.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';

/** The user disables 2FA; the secret and the backup codes are destroyed (R11). */
export class DisableMine extends CommandOf<OwnChange, void> {}

@CommandHandler(DisableMine)
export class DisableMineHandler implements ICommandHandler<DisableMine> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account, proof, context } }: DisableMine): Promise<void> {
    const { answer, recorded } = await this.secondFactors.execute(account, context, async () => ({
      type: 'Disable' as const,
      policy: await this.policy.of(account),
      proof,
    }));
    accepted(answer);
    // Identity ends the other sessions by the event.
    await this.effects.reached(['identity'], recorded, context);
  }
}
