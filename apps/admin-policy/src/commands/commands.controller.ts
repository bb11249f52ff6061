import { Controller } from '@nestjs/common';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { Portals } from '../portals/portals.js';

const { unlock, disableTwoFactor } = adminPolicyEndpoints;

/** What an administrator does for a user. The account's own app decides it, by the same handlers as for the bus. */
@Controller()
export class CommandsController {
  constructor(
    private readonly requests: Requests,
    private readonly portals: Portals,
  ) {}

  @Handle(unlock)
  async unlock(@In() { params: { portal, account: accountId }, context }: Input<typeof unlock>) {
    await this.portals.mustExist(portal);
    return this.requests.send(twoFactorRequests.unlockUser, { portal, accountId }, context);
  }

  @Handle(disableTwoFactor)
  async disable(@In() { params: { portal, account: accountId }, caller, context }: Input<typeof disableTwoFactor>) {
    await this.portals.mustExist(portal);
    if (caller.kind === 'session' && caller.session.accountId === accountId) {
      throw new Problem('forbidden', 'Disable your own two-factor authentication in your profile.');
    }
    return this.requests.send(twoFactorRequests.disableUser, { portal, accountId }, context);
  }
}
