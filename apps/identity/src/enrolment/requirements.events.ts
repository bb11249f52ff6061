import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { EventOf } from '#libs/contracts/src/events/event.js';
import { Requirements } from './requirements.js';

const { SettingsChanged, AddOnGranted, AddOnRevoked } = adminPolicyEvents;

/** Adopts where 2FA is required; admin-policy answers its caller only afterwards (R28). */
@Controller()
export class RequirementEvents {
  constructor(private readonly requirements: Requirements) {}

  @EventPattern<string>(SettingsChanged.type)
  settingsChanged({ portal, streamVersion, data }: EventOf<typeof SettingsChanged>): Promise<void> {
    const { enabled, required = false } = data.to;
    return this.requirements.adopt(portal, 'setting', streamVersion, enabled && required);
  }

  @EventPattern<string>(AddOnGranted.type)
  addOnGranted({ portal, streamVersion }: EventOf<typeof AddOnGranted>): Promise<void> {
    return this.requirements.adopt(portal, 'addOn', streamVersion, true);
  }

  @EventPattern<string>(AddOnRevoked.type)
  addOnRevoked({ portal, streamVersion }: EventOf<typeof AddOnRevoked>): Promise<void> {
    return this.requirements.adopt(portal, 'addOn', streamVersion, false);
  }
}
