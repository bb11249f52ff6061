import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { EventOf } from '#libs/contracts/src/events/event.js';
import { PortalFaces } from './portal-faces.js';

const { ProfileChanged } = adminPolicyEvents;

@Controller()
export class PortalFacesEvents {
  constructor(private readonly faces: PortalFaces) {}

  @EventPattern<string>(ProfileChanged.type)
  profileChanged({ portal, streamVersion, data }: EventOf<typeof ProfileChanged>): Promise<void> {
    return this.faces.adopt(portal, streamVersion, data.to);
  }
}
