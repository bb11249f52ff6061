import { Controller } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { DescribeInstallation } from './describe-installation.js';

const { getInstallation } = adminPolicyEndpoints;

@Controller()
export class InstallationController {
  constructor(private readonly queries: QueryBus) {}

  @Handle(getInstallation)
  describe(@In() { context }: Input<typeof getInstallation>) {
    return this.queries.execute(new DescribeInstallation({ context }));
  }
}
