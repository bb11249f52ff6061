import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ChangePolicy } from '../change/change-policy.js';

const { grantAddOn, revokeAddOn } = adminPolicyEndpoints;

/** The operator grants and ends the Enterprise Security add-on. Doing it again changes nothing. */
@Controller()
export class AddOnsController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(grantAddOn)
  async grant(@In() { params: { portal }, context }: Input<typeof grantAddOn>) {
    await this.commands.execute(new ChangePolicy({ portal, change: { type: 'GrantAddOn' }, context }));
  }

  @Handle(revokeAddOn)
  async revoke(@In() { params: { portal }, context }: Input<typeof revokeAddOn>) {
    await this.commands.execute(new ChangePolicy({ portal, change: { type: 'RevokeAddOn' }, context }));
  }
}
