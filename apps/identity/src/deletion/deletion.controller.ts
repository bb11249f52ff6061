import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { Context } from '#libs/contracts/src/context.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { DeleteAccount, DeleteAccountHandler } from './delete-account.js';

const { deleteAccount } = identityEndpoints;

export const deletionHandlers = [DeleteAccountHandler];

/** By administrators, by tools of scope `erasure`, by the operator (R42). */
@Controller()
export class DeletionController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(deleteAccount)
  async delete(@In() { params: { portal, account: accountId }, context }: Input<typeof deleteAccount>): Promise<void> {
    await this.commands.execute(new DeleteAccount({ account: { portal, accountId }, context }));
  }
}

/** The same, asked by two-factor for commands on the bus, whose senders it has proved. */
@Controller()
export class DeletionMessages {
  constructor(private readonly commands: CommandBus) {}

  @MessagePattern(identityRequests.deleteAccount.pattern)
  async delete(@Payload() account: PayloadOf<typeof identityRequests.deleteAccount>, @Ctx() context: Context) {
    await this.commands.execute(new DeleteAccount({ account, context }));
    return {};
  }
}
