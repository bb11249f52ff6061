import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { accepted } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';

/** *Enable user*: the count of failures is zero afterwards, 2FA stays as it was (R25). */
export class Unlock extends CommandOf<{ readonly account: AccountRef; readonly context: Context }, void> {}

@CommandHandler(Unlock)
export class UnlockHandler implements ICommandHandler<Unlock> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account, context } }: Unlock): Promise<void> {
    await this.policy.refuseForeignOperator(account, context.actor);
    const { answer, recorded } = await this.secondFactors.execute(account, context, () => ({
      type: 'Unlock' as const,
    }));
    accepted(answer);
    // By then identity has ended the sessions of the lock before: none lives again (R25).
    await this.effects.reached(['identity'], recorded, context);
  }
}
