import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import { Authenticator } from '#libs/platform/src/auth/authenticator.js';
import { REMEMBER_MS } from '#libs/platform/src/auth/recent-answers.js';
import { Policies } from '../change/policies.js';
import { ServiceTokenRecords } from './service-token-records.js';

/** For an answer of before that is still on its way. */
const ON_ITS_WAY_MS = 250;

export class RevokeServiceToken extends Command<void> {
  constructor(
    readonly portal: string,
    readonly tokenId: string,
    readonly origin: Origin,
  ) {
    super();
  }
}

@CommandHandler(RevokeServiceToken)
export class RevokeServiceTokenHandler implements ICommandHandler<RevokeServiceToken> {
  constructor(
    private readonly policies: Policies,
    private readonly records: ServiceTokenRecords,
    private readonly authenticator: Authenticator,
  ) {}

  async execute({ portal, tokenId, origin }: RevokeServiceToken): Promise<void> {
    if (!(await this.records.beginEnd(portal, tokenId))) throw new Problem('not-found', 'No such service token.');
    await this.policies.change(portal, { type: 'RevokeServiceToken', tokenId }, origin);
    this.authenticator.forget(tokenId);
    await this.records.forget(tokenId);
    await sleep(REMEMBER_MS + ON_ITS_WAY_MS);
  }
}
