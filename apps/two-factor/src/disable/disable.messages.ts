import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { commandOf, type RequestDelivery } from '#libs/messaging/src/requests.js';
import { DisableForUser } from './disable-for-user.js';

@Controller()
export class DisableMessages {
  constructor(private readonly commands: CommandBus) {}

  @MessagePattern(twoFactorRequests.disableUser.pattern)
  async disable(
    @Payload() { actor, ...account }: PayloadOf<typeof twoFactorRequests.disableUser>,
    @Ctx() delivery?: RequestDelivery,
  ) {
    await this.commands.execute(new DisableForUser(account, { actor, ...commandOf(delivery) }));
    return { status: 'none' };
  }
}
