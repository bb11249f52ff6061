import { Controller } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { openidRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { DescribeInstallation } from './describe-installation.js';

const { getInstallation, listSigningKeys, rotateSigningKeys } = adminPolicyEndpoints;

/** Of what other apps have they are asked over the bus, so that no more apps than now have the operator's token. */
@Controller()
export class InstallationController {
  constructor(
    private readonly queries: QueryBus,
    private readonly requests: Requests,
  ) {}

  @Handle(getInstallation)
  describe(@In() { context }: Input<typeof getInstallation>) {
    return this.queries.execute(new DescribeInstallation({ context }));
  }

  @Handle(listSigningKeys)
  signingKeys(@In() { context }: Input<typeof listSigningKeys>) {
    return this.requests.send(openidRequests.describeSigningKeys, {}, context);
  }

  @Handle(rotateSigningKeys)
  rotate(@In() { body, context }: Input<typeof rotateSigningKeys>) {
    return this.requests.send(openidRequests.rotateSigningKeys, body, context);
  }
}
