import { setTimeout as sleep } from 'node:timers/promises';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { FORGOTTEN_AFTER_MS } from '#libs/platform/src/auth/recent-answers.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Policies } from '../change/policies.js';
import { ClientRecords } from './client-records.js';

interface ClientToRemove {
  readonly portal: string;
  readonly clientId: string;
  readonly context: Context;
}
/** Nobody logs in to it from then on, and its tokens are good for nothing. */
export class RemoveClient extends CommandOf<ClientToRemove, void> {}

@CommandHandler(RemoveClient)
export class RemoveClientHandler implements ICommandHandler<RemoveClient> {
  constructor(
    private readonly policies: Policies,
    private readonly records: ClientRecords,
  ) {}

  async execute({ input: { portal, clientId, context } }: RemoveClient): Promise<void> {
    const { clients } = await this.policies.of(portal);
    if (!clients.some((client) => client.clientId === clientId)) {
      throw new Problem('not-found', 'The portal has no such client.');
    }
    await this.policies.change(portal, { type: 'RemoveClient', clientId }, context);
    await this.records.forget(clientId);
    // for so long it may still be known to the provider (R28)
    await sleep(FORGOTTEN_AFTER_MS);
  }
}
