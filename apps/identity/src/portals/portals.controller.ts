import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { CreatePortal } from './create-portal.js';

const { createPortal } = identityEndpoints;

@Controller()
export class PortalsController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(createPortal)
  createPortal(@In() { body, context }: Input<typeof createPortal>) {
    return this.commands.execute(new CreatePortal({ ...body, context }));
  }
}
