import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { adminPolicyEndpoints } from '#libs/contracts/src/http/admin-policy.js';
import type { PayloadOf } from '#libs/contracts/src/messages/request.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { Policies } from '../change/policies.js';
import { Portals } from './portals.js';

const { listPortals } = adminPolicyEndpoints;
const { describePortal } = adminPolicyRequests;

@Controller()
export class PortalsController {
  constructor(
    private readonly portals: Portals,
    private readonly policies: Policies,
  ) {}

  @Handle(listPortals)
  async list(@In() { query }: Input<typeof listPortals>) {
    const { ids, next } = await this.portals.page(query);
    const portals = await Promise.all(
      ids.map(async (id) => ({ id, addOns: (await this.policies.of(id)).addOn ? ['enterprise-security'] : [] })),
    );
    return { portals, next };
  }
}

@Controller()
export class PortalsMessages {
  constructor(private readonly portals: Portals) {}

  @MessagePattern(describePortal.pattern)
  async describe(@Payload() { portal }: PayloadOf<typeof describePortal>): Promise<{ exists: boolean }> {
    return { exists: await this.portals.exists(portal) };
  }
}
