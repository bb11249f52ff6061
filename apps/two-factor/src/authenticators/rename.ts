import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { accepted, Problem } from '#libs/contracts/src/problems.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { OwnChange } from '../change/own-change.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { authenticatorsOf } from '../second-factor/state.js';
import { type AuthenticatorShown, shown } from './list.js';

interface Renaming extends Pick<OwnChange, 'account' | 'context'> {
  readonly authenticatorId: string;
  readonly name: string;
}
/** The user calls an authenticator something else (R45). */
export class RenameAuthenticator extends CommandOf<Renaming, AuthenticatorShown> {}

@CommandHandler(RenameAuthenticator)
export class RenameAuthenticatorHandler implements ICommandHandler<RenameAuthenticator> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
  ) {}

  async execute({ input: { account, context, authenticatorId, name } }: RenameAuthenticator) {
    const { answer } = await this.secondFactors.execute(account, context, async () => ({
      type: 'Rename' as const,
      policy: await this.policy.of(account),
      authenticatorId,
      name,
    }));
    accepted(answer);
    const renamed = authenticatorsOf(await this.secondFactors.state(account)).find(({ id }) => id === authenticatorId);
    // removed since, by another session
    if (!renamed) throw new Problem('not-found');
    return shown(renamed, name);
  }
}
