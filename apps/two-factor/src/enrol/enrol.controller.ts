import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ownChange } from '../accounts/own-change.js';
import { Confirm } from './confirm.js';
import { IssueSecret } from './issue-secret.js';

/** Setting up is the user's alone: HTTP with a session, no message on the bus (R07). */
@Controller()
export class EnrolController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(twoFactorEndpoints.setUp)
  setUp(@In() input: Input<typeof twoFactorEndpoints.setUp>): Promise<ReplyOf<typeof twoFactorEndpoints.setUp>> {
    return this.commands.execute(new IssueSecret('setup', ownChange(input)));
  }

  @Handle(twoFactorEndpoints.confirm)
  async confirm(
    @In() input: Input<typeof twoFactorEndpoints.confirm>,
  ): Promise<ReplyOf<typeof twoFactorEndpoints.confirm>> {
    const backupCodes = await this.commands.execute(new Confirm(input.body.code, input.body.setupId, ownChange(input)));
    return { status: 'enabled', backupCodes: [...backupCodes] };
  }

  @Handle(twoFactorEndpoints.reset)
  async reset(@In() input: Input<typeof twoFactorEndpoints.reset>): Promise<ReplyOf<typeof twoFactorEndpoints.reset>> {
    const key = await this.commands.execute(new IssueSecret('reset', ownChange(input)));
    return { ...key, status: 'pending' };
  }
}
