import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import { type AccountRef, SecondFactors } from '../accounts/second-factors.js';
import { refuseForeignOperator } from '../policy/operator-scope.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { unwrap } from '../second-factor/errors.js';

/** An administrator disables the 2FA of a user, for instance when the phone is lost (R12). */
export class DisableForUser extends Command<void> {
  constructor(
    readonly account: AccountRef,
    readonly origin: Origin,
  ) {
    super();
  }
}

@CommandHandler(DisableForUser)
export class DisableForUserHandler implements ICommandHandler<DisableForUser> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
  ) {}

  async execute({ account, origin }: DisableForUser): Promise<void> {
    await refuseForeignOperator(this.policy, account, origin.actor);
    const { answer } = await this.secondFactors.execute(account, origin, () => ({ type: 'DisableForUser' as const }));
    unwrap(answer);
  }
}
