import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { actorOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { CreatePortal } from './create-portal.js';

@Controller()
export class PortalsController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(identityEndpoints.createPortal)
  createPortal(
    @In() { body, caller, correlationId }: Input<typeof identityEndpoints.createPortal>,
  ): Promise<ReplyOf<typeof identityEndpoints.createPortal>> {
    return this.commands.execute(new CreatePortal(body.id, body.admin, { actor: actorOf(caller), correlationId }));
  }
}
