import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { type AccountRef, SecondFactors } from '../accounts/second-factors.js';
import { refuseForeignOperator } from '../policy/operator-scope.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { unwrap } from '../second-factor/errors.js';

/** *Enable user*: the count of failures is zero afterwards, 2FA stays as it was (R25). */
export class Unlock extends Command<void> {
  constructor(
    readonly account: AccountRef,
    readonly origin: Origin,
  ) {
    super();
  }
}

@CommandHandler(Unlock)
export class UnlockHandler implements ICommandHandler<Unlock> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly effects: Effects,
  ) {}

  async execute({ account, origin }: Unlock): Promise<void> {
    await refuseForeignOperator(this.policy, account, origin.actor);
    const { answer, version } = await this.secondFactors.execute(account, origin, () => ({ type: 'Unlock' as const }));
    unwrap(answer);
    // By then identity has ended the sessions of the lock before: none lives again (R25).
    await this.effects.reached(['identity'], { source: 'two-factor', stream: streamOfAccount(account), version });
  }
}
