import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';

/** An administrator disables the 2FA of a user, for instance when the phone is lost (R12). */
export class DisableForUser extends CommandOf<{ readonly account: AccountRef; readonly context: Context }, void> {}

@CommandHandler(DisableForUser)
export class DisableForUserHandler implements ICommandHandler<DisableForUser> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account, context } }: DisableForUser): Promise<void> {
    await this.policy.refuseForeignOperator(account, context.actor);
    const { answer, recorded } = await this.secondFactors.execute(account, context, () => ({
      type: 'DisableForUser' as const,
    }));
    accepted(answer);
    // whose lists then say so
    await this.effects.reached(['identity'], recorded, context);
  }
}
