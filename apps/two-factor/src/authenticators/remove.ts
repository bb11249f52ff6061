import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { accepted } from '#libs/contracts/src/problems.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { OwnChange } from '../change/own-change.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { authenticatorsOf } from '../second-factor/state.js';
import { AuthenticatorNames } from './names.js';

interface Removal extends OwnChange {
  readonly authenticatorId: string;
}
/** The user removes an authenticator; its secret is destroyed. The last one is a disable (R45, R11). */
export class RemoveAuthenticator extends CommandOf<Removal, void> {}

@CommandHandler(RemoveAuthenticator)
export class RemoveAuthenticatorHandler implements ICommandHandler<RemoveAuthenticator> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly names: AuthenticatorNames,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { account, proof, context, authenticatorId } }: RemoveAuthenticator): Promise<void> {
    const { answer, recorded } = await this.secondFactors.execute(account, context, async (state) => {
      const removed = authenticatorsOf(state).find(({ id }) => id === authenticatorId);
      const [policy, [name]] = await Promise.all([
        this.policy.of(account),
        this.names.open(account.portal, [removed?.name ?? null]),
      ]);
      return { type: 'Remove' as const, policy, proof, authenticatorId, name };
    });
    accepted(answer);
    // Identity ends the other sessions by the event.
    await this.effects.reached(['identity'], recorded, context);
  }
}
