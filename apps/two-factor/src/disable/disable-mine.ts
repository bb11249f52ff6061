import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { type OwnChange, originOf } from '../accounts/own-change.js';
import { SecondFactors } from '../accounts/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { unwrap } from '../second-factor/errors.js';

/** The user disables 2FA; the secret and the backup codes are destroyed (R11). */
export class DisableMine extends Command<void> {
  constructor(readonly by: OwnChange) {
    super();
  }
}

@CommandHandler(DisableMine)
export class DisableMineHandler implements ICommandHandler<DisableMine> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly effects: Effects,
  ) {}

  async execute({ by }: DisableMine): Promise<void> {
    const { account, proof } = by;
    const { answer, version } = await this.secondFactors.execute(account, originOf(by), async () => ({
      type: 'Disable' as const,
      policy: await this.policy.of(account),
      proof,
    }));
    unwrap(answer);
    // Identity ends the other sessions by the event.
    await this.effects.reached(['identity'], { source: 'two-factor', stream: streamOfAccount(account), version });
  }
}
