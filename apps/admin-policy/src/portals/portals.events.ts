import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { identityEvents } from '#libs/contracts/src/events/identity.js';
import { Adoptions } from '#libs/messaging/src/adopting/adoptions.js';
import { Portals } from './portals.js';

@Controller()
export class PortalsEvents {
  constructor(
    private readonly portals: Portals,
    private readonly adoptions: Adoptions,
  ) {}

  @EventPattern<string>(identityEvents.PortalCreated.type)
  async portalCreated(event: RecordedEvent): Promise<void> {
    await this.portals.adopt(event.portal);
    await this.adoptions.record(event);
  }
}
