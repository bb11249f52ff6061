import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ownChange } from '../accounts/own-change.js';
import { DisableMine } from './disable-mine.js';

@Controller()
export class DisableController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(twoFactorEndpoints.disableMine)
  async disableMine(
    @In() input: Input<typeof twoFactorEndpoints.disableMine>,
  ): Promise<ReplyOf<typeof twoFactorEndpoints.disableMine>> {
    await this.commands.execute(new DisableMine(ownChange(input)));
    return { status: 'none' };
  }
}
