import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import { identityEvents } from '#libs/contracts/src/events/identity.js';
import type { DataOf, RecordedEvent } from '#libs/contracts/src/events/event.js';
import { Adoptions } from '#libs/messaging/src/adopting/adoptions.js';
import { Authenticator } from '#libs/platform/src/auth/authenticator.js';
import { PolicyFacts } from './policy-facts.js';

/** Adopts what the other apps decided; the app that decided it answers its caller only afterwards (R28). */
@Controller()
export class PolicyEvents {
  constructor(
    private readonly facts: PolicyFacts,
    private readonly adoptions: Adoptions,
    private readonly authenticator: Authenticator,
  ) {}

  @EventPattern<string>(adminPolicyEvents.SettingsChanged.type)
  async settingsChanged(event: RecordedEvent<DataOf<typeof adminPolicyEvents.SettingsChanged>>): Promise<void> {
    await this.facts.adoptPortal(event.portal, event.streamVersion, event.data.to);
    await this.adoptions.record(event);
  }

  @EventPattern<string>(adminPolicyEvents.AddOnGranted.type)
  async addOnGranted(event: RecordedEvent): Promise<void> {
    await this.facts.adoptPortal(event.portal, event.streamVersion, { addOn: true });
    await this.adoptions.record(event);
  }

  @EventPattern<string>(adminPolicyEvents.AddOnRevoked.type)
  async addOnRevoked(event: RecordedEvent): Promise<void> {
    await this.facts.adoptPortal(event.portal, event.streamVersion, { addOn: false });
    await this.adoptions.record(event);
  }

  @EventPattern<string>(adminPolicyEvents.ServiceTokenRevoked.type)
  async serviceTokenRevoked(event: RecordedEvent<DataOf<typeof adminPolicyEvents.ServiceTokenRevoked>>): Promise<void> {
    this.authenticator.forget(event.data.tokenId);
    await this.adoptions.record(event);
  }

  @EventPattern<string>(identityEvents.AccountRegistered.type)
  async accountRegistered(event: RecordedEvent<DataOf<typeof identityEvents.AccountRegistered>>): Promise<void> {
    await this.facts.adoptAccount(event.portal, event.account!, event.streamVersion, event.data.type);
    await this.adoptions.record(event);
  }

  @EventPattern<string>(identityEvents.AccountChanged.type)
  async accountChanged(event: RecordedEvent<DataOf<typeof identityEvents.AccountChanged>>): Promise<void> {
    const type = event.data.type?.to;
    if (type) await this.facts.adoptAccount(event.portal, event.account!, event.streamVersion, type);
    await this.adoptions.record(event);
  }

  @EventPattern<string>(identityEvents.PortalCreated.type)
  async portalCreated(event: RecordedEvent<DataOf<typeof identityEvents.PortalCreated>>): Promise<void> {
    await this.facts.adoptAdministrator(event.portal, event.data.administrator, event.streamVersion, true);
    await this.adoptions.record(event);
  }

  @EventPattern<string>(identityEvents.AdministratorAppointed.type)
  async administratorAppointed(
    event: RecordedEvent<DataOf<typeof identityEvents.AdministratorAppointed>>,
  ): Promise<void> {
    await this.facts.adoptAdministrator(event.portal, event.data.accountId, event.streamVersion, true);
    await this.adoptions.record(event);
  }

  @EventPattern<string>(identityEvents.AdministratorRemoved.type)
  async administratorRemoved(event: RecordedEvent<DataOf<typeof identityEvents.AdministratorRemoved>>): Promise<void> {
    await this.facts.adoptAdministrator(event.portal, event.data.accountId, event.streamVersion, false);
    await this.adoptions.record(event);
  }
}
