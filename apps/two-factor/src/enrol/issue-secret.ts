import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { accepted } from '#libs/contracts/src/problems.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CONFIG } from '#libs/platform/src/tokens.js';
import { newSecret } from '#libs/totp/src/totp.js';
import type { OwnChange } from '../change/own-change.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { issuerOf, type KeyShown, showKey } from './new-key.js';

type SecretToIssue = OwnChange &
  ({ readonly reason: 'SetUp' | 'Reset' } | { readonly reason: 'AddTotp'; readonly name: string });
/** Starts setting up with a new secret (R05), replaces those of an enabled account (R13), or begins to add one more (R45). */
export class IssueSecret extends CommandOf<SecretToIssue, KeyShown & { setupId: string }> {}

@CommandHandler(IssueSecret)
export class IssueSecretHandler implements ICommandHandler<IssueSecret> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly effects: Effects,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async execute({ input }: IssueSecret) {
    const { account, proof, username, context } = input;
    const secret = newSecret();
    const secretId = randomUUID();
    const { answer, recorded } = await this.secondFactors.execute(
      account,
      context,
      async () => {
        const change = { policy: await this.policy.of(account), proof, secretId };
        return input.reason === 'AddTotp'
          ? { type: input.reason, name: input.name, ...change }
          : { type: input.reason, ...change };
      },
      { [secretId]: secret },
    );
    accepted(answer);
    // A reset ends all other sessions (R14): identity does so by the event.
    if (input.reason === 'Reset') await this.effects.reached(['identity'], recorded, context);
    const issuer = issuerOf(await this.policy.profileOf(account.portal), this.config.issuer);
    return { ...(await showKey(secret, issuer, account, username)), setupId: secretId };
  }
}
