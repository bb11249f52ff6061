import { Controller } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { sessionOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { DescribeMine } from './describe.js';

const { myTwoFactor } = twoFactorEndpoints;

@Controller()
export class StatusController {
  constructor(private readonly queries: QueryBus) {}

  @Handle(myTwoFactor)
  mine(@In() { caller }: Input<typeof myTwoFactor>) {
    return this.queries.execute(new DescribeMine(sessionOf(caller)));
  }
}
