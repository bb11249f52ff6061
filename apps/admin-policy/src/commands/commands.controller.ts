import { Controller } from '@nestjs/common';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { actorOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { Portals } from '../portals/portals.js';

/** What an administrator does for a user. The account's own app decides it, by the same handlers as for the bus. */
@Controller()
export class CommandsController {
  constructor(
    private readonly requests: Requests,
    private readonly portals: Portals,
  ) {}

  @Handle(adminPolicyEndpoints.unlock)
  async unlock(
    @In() { params, caller }: Input<typeof adminPolicyEndpoints.unlock>,
  ): Promise<ReplyOf<typeof adminPolicyEndpoints.unlock>> {
    await this.portals.mustExist(params.portal);
    const { portal, account: accountId } = params;
    const actor = actorOf(caller, 'administrator');
    return this.requests.send(twoFactorRequests.unlockUser, { portal, accountId, actor });
  }

  @Handle(adminPolicyEndpoints.disableTwoFactor)
  async disable(
    @In() { params, caller }: Input<typeof adminPolicyEndpoints.disableTwoFactor>,
  ): Promise<ReplyOf<typeof adminPolicyEndpoints.disableTwoFactor>> {
    await this.portals.mustExist(params.portal);
    const { portal, account: accountId } = params;
    if (caller.kind === 'session' && caller.session.accountId === accountId) {
      throw new Problem('forbidden', 'Disable your own two-factor authentication in your profile.');
    }
    const actor = actorOf(caller, 'administrator');
    return this.requests.send(twoFactorRequests.disableUser, { portal, accountId, actor });
  }
}
