import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streamOfAccount } from '#libs/contracts/src/stream.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { newSecret } from '#libs/totp/src/totp.js';
import { type OwnChange, originOf } from '../accounts/own-change.js';
import { SecondFactors } from '../accounts/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { unwrap } from '../second-factor/errors.js';
import { type KeyShown, showKey } from './new-key.js';

/** Starts setting up with a new secret (R05), or replaces that of an enabled account (R13). */
export class IssueSecret extends Command<KeyShown & { setupId: string }> {
  constructor(
    readonly reason: 'setup' | 'reset',
    readonly by: OwnChange,
  ) {
    super();
  }
}

@CommandHandler(IssueSecret)
export class IssueSecretHandler implements ICommandHandler<IssueSecret> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly effects: Effects,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async execute({ reason, by }: IssueSecret): Promise<KeyShown & { setupId: string }> {
    const { account, proof, username } = by;
    const secret = newSecret();
    const secretId = randomUUID();
    const { answer, version } = await this.secondFactors.execute(
      account,
      originOf(by),
      async () => {
        const policy = await this.policy.of(account);
        return { type: reason === 'setup' ? ('SetUp' as const) : ('Reset' as const), policy, proof, secretId };
      },
      { [secretId]: secret },
    );
    unwrap(answer);
    // A reset ends all other sessions (R14): identity does so by the event.
    if (reason === 'reset')
      await this.effects.reached(['identity'], { source: 'two-factor', stream: streamOfAccount(account), version });
    return { ...(await showKey(secret, this.config.issuer, account, username)), setupId: secretId };
  }
}
