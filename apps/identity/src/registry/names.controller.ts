import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { z } from 'zod';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Directory } from '../directory/directory.js';
import { ExternalIds } from './external-ids.js';

type Naming = typeof identityRequests.nameAccounts;
type Resolving = typeof identityRequests.resolveAccount;

/** Who is that, and whom do they call that? Asked by apps that tell people of accounts, and keep no names (R42). */
@Controller()
export class NamesController {
  constructor(
    private readonly directory: Directory,
    private readonly externalIds: ExternalIds,
  ) {}

  @MessagePattern(identityRequests.nameAccounts.pattern)
  async name(@Payload() { portal, accountIds }: PayloadOf<Naming>): Promise<z.input<Naming['reply']>> {
    return { usernames: await this.directory.usernamesOf(portal, accountIds) };
  }

  @MessagePattern(identityRequests.resolveAccount.pattern)
  async resolve(@Payload() { portal, externalId }: PayloadOf<Resolving>): Promise<z.input<Resolving['reply']>> {
    return { accountId: (await this.externalIds.find(portal, externalId))?.accountId ?? null };
  }
}
