import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ownChange } from '../change/own-change.js';
import { Confirm } from './confirm.js';
import { IssueSecret } from './issue-secret.js';

const { setUp, confirm, reset } = twoFactorEndpoints;

/** Setting up is the user's alone: HTTP with a session, no message on the bus (R07). */
@Controller()
export class EnrolController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(setUp)
  setUp(@In() input: Input<typeof setUp>) {
    return this.commands.execute(new IssueSecret({ reason: 'SetUp', ...ownChange(input) }));
  }

  @Handle(confirm)
  async confirm(@In() input: Input<typeof confirm>) {
    const { code, setupId } = input.body;
    const backupCodes = await this.commands.execute(new Confirm({ code, setupId, ...ownChange(input) }));
    return { status: 'enabled' as const, backupCodes };
  }

  @Handle(reset)
  async reset(@In() input: Input<typeof reset>) {
    const key = await this.commands.execute(new IssueSecret({ reason: 'Reset', ...ownChange(input) }));
    return { ...key, status: 'pending' as const };
  }
}
