import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { EventOf } from '#libs/contracts/src/events/event.js';
import { PortalSso } from './portal-sso.js';

const { SsoChanged, SsoRemoved } = adminPolicyEvents;

@Controller()
export class AdminPolicyEvents {
  constructor(private readonly sso: PortalSso) {}

  @EventPattern<string>(SsoChanged.type)
  ssoChanged({ portal, streamVersion, data }: EventOf<typeof SsoChanged>): Promise<void> {
    return this.sso.adopt(portal, streamVersion, data.to);
  }

  @EventPattern<string>(SsoRemoved.type)
  ssoRemoved({ portal, streamVersion }: EventOf<typeof SsoRemoved>): Promise<void> {
    return this.sso.adopt(portal, streamVersion, null);
  }
}
