import { setTimeout as sleep } from 'node:timers/promises';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Authenticator } from '#libs/platform/src/auth/authenticator.js';
import { FORGOTTEN_AFTER_MS } from '#libs/platform/src/auth/recent-answers.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Policies } from '../change/policies.js';
import { ServiceTokenRecords } from './service-token-records.js';

export class RevokeServiceToken extends CommandOf<
  { readonly portal: string; readonly tokenId: string; readonly context: Context },
  void
> {}

@CommandHandler(RevokeServiceToken)
export class RevokeServiceTokenHandler implements ICommandHandler<RevokeServiceToken> {
  constructor(
    private readonly policies: Policies,
    private readonly records: ServiceTokenRecords,
    private readonly authenticator: Authenticator,
  ) {}

  async execute({ input: { portal, tokenId, context } }: RevokeServiceToken): Promise<void> {
    if (!(await this.records.beginEnd(portal, tokenId))) throw new Problem('not-found', 'No such service token.');
    await this.policies.change(portal, { type: 'RevokeServiceToken', tokenId }, context);
    this.authenticator.forget(tokenId);
    await this.records.forget(tokenId);
    await sleep(FORGOTTEN_AFTER_MS);
  }
}
