import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ChangePolicy } from '../change/change-policy.js';
import { originOf } from '../change/origin.js';

/** The operator grants and ends the Enterprise Security add-on. Doing it again changes nothing. */
@Controller()
export class AddOnsController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(adminPolicyEndpoints.grantAddOn)
  async grant(@In() input: Input<typeof adminPolicyEndpoints.grantAddOn>): Promise<void> {
    await this.commands.execute(new ChangePolicy(input.params.portal, { type: 'GrantAddOn' }, originOf(input)));
  }

  @Handle(adminPolicyEndpoints.revokeAddOn)
  async revoke(@In() input: Input<typeof adminPolicyEndpoints.revokeAddOn>): Promise<void> {
    await this.commands.execute(new ChangePolicy(input.params.portal, { type: 'RevokeAddOn' }, originOf(input)));
  }
}
