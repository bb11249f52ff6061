import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ownChange } from '../change/own-change.js';
import { DisableMine } from './disable-mine.js';

const { disableMine } = twoFactorEndpoints;

@Controller()
export class DisableController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(disableMine)
  async disableMine(@In() input: Input<typeof disableMine>) {
    await this.commands.execute(new DisableMine(ownChange(input)));
    return { status: 'none' as const };
  }
}
