import { Controller } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { DescribeAccounts } from './describe.js';

@Controller()
export class StatusMessages {
  constructor(private readonly queries: QueryBus) {}

  @MessagePattern(twoFactorRequests.describeAccounts.pattern)
  async describe(@Payload() { portal, accountIds }: PayloadOf<typeof twoFactorRequests.describeAccounts>) {
    return { accounts: await this.queries.execute(new DescribeAccounts(portal, accountIds)) };
  }
}
