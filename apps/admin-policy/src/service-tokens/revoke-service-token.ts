import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import { Authenticator } from '#libs/platform/src/authenticator.js';
import { Policies } from '../change/policies.js';
import { ServiceTokenRecords } from './service-token-records.js';

/** Every instance may remember a good token for a second; the rest is for an answer that is on its way. */
const WAIT_OUT_MS = 1_250;

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
    await this.policies.change(portal, { type: 'RevokeServiceToken', tokenId }, origin);
    this.authenticator.forget(tokenId);
    await this.records.forget(tokenId);
    await sleep(WAIT_OUT_MS);
  }
}
