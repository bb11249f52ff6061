import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { DataOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { Adoptions } from '#libs/messaging/src/adopting/adoptions.js';
import { PortalSso } from './portal-sso.js';

@Controller()
export class AdminPolicyEvents {
  constructor(
    private readonly sso: PortalSso,
    private readonly adoptions: Adoptions,
  ) {}

  @EventPattern<string>(adminPolicyEvents.SsoChanged.type)
  async ssoChanged(event: RecordedEvent<DataOf<typeof adminPolicyEvents.SsoChanged>>): Promise<void> {
    await this.sso.adopt(event.portal, event.streamVersion, event.data.to);
    await this.adoptions.record(event);
  }
}
