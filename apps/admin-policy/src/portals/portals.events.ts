import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { RecordedEvent } from '#libs/contracts/src/events/event.js';
import { identityEvents } from '#libs/contracts/src/events/identity.js';
import { Portals } from './portals.js';

@Controller()
export class PortalsEvents {
  constructor(private readonly portals: Portals) {}

  @EventPattern<string>(identityEvents.PortalCreated.type)
  portalCreated(event: RecordedEvent): Promise<void> {
    return this.portals.adopt(event.portal);
  }
}
