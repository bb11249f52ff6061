import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { commandOf, type RequestDelivery } from '#libs/messaging/src/requests.js';
import { Unlock } from './unlock.js';

/** Administrators' commands arrive from admin-policy, which has proved who sends them. */
@Controller()
export class UnlockMessages {
  constructor(private readonly commands: CommandBus) {}

  @MessagePattern(twoFactorRequests.unlockUser.pattern)
  async unlock(
    @Payload() { actor, ...account }: PayloadOf<typeof twoFactorRequests.unlockUser>,
    @Ctx() delivery?: RequestDelivery,
  ) {
    await this.commands.execute(new Unlock(account, { actor, ...commandOf(delivery) }));
    return { status: 'active' };
  }
}
