import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { Context } from '#libs/contracts/src/context.js';
import { adminPolicyEvents } from '#libs/contracts/src/events/admin-policy.js';
import type { EventOf } from '#libs/contracts/src/events/event.js';
import { identityEvents } from '#libs/contracts/src/events/identity.js';
import { Authenticator } from '#libs/platform/src/auth/authenticator.js';
import { Erasure } from '../erase/erasure.js';
import { PendingImports } from '../import/pending-imports.js';
import { PolicyFacts } from './policy-facts.js';

const { SettingsChanged, ProfileChanged, AddOnGranted, AddOnRevoked, ServiceTokenRevoked } = adminPolicyEvents;
const { AccountRegistered, AccountChanged, AccountSuspended, AccountResumed, AccountDeleted } = identityEvents;
const { PortalCreated, AdministratorAppointed, AdministratorRemoved } = identityEvents;

/** Adopts what the other apps decided; the app that decided it answers its caller only afterwards (R28). */
@Controller()
export class PolicyEvents {
  constructor(
    private readonly facts: PolicyFacts,
    private readonly imports: PendingImports,
    private readonly erasure: Erasure,
    private readonly authenticator: Authenticator,
  ) {}

  @EventPattern<string>(SettingsChanged.type)
  settingsChanged({ portal, streamVersion, data }: EventOf<typeof SettingsChanged>): Promise<void> {
    return this.facts.adoptSettings(portal, streamVersion, data.to);
  }

  @EventPattern<string>(ProfileChanged.type)
  profileChanged({ portal, streamVersion, data }: EventOf<typeof ProfileChanged>): Promise<void> {
    return this.facts.adoptProfile(portal, streamVersion, data.to);
  }

  @EventPattern<string>(AddOnGranted.type)
  addOnGranted({ portal, streamVersion }: EventOf<typeof AddOnGranted>): Promise<void> {
    return this.facts.adoptAddOn(portal, streamVersion, true);
  }

  @EventPattern<string>(AddOnRevoked.type)
  addOnRevoked({ portal, streamVersion }: EventOf<typeof AddOnRevoked>): Promise<void> {
    return this.facts.adoptAddOn(portal, streamVersion, false);
  }

  @EventPattern<string>(ServiceTokenRevoked.type)
  serviceTokenRevoked({ data }: EventOf<typeof ServiceTokenRevoked>): void {
    this.authenticator.forget(data.tokenId);
  }

  @EventPattern<string>(AccountRegistered.type)
  async accountRegistered(
    @Payload() { portal, account, streamVersion, data }: EventOf<typeof AccountRegistered>,
    @Ctx() context: Context,
  ): Promise<void> {
    // first of all: until the account is known here nobody can log in to it
    await this.imports.settle({ portal, accountId: account! }, data.importId ?? null, context);
    await this.facts.adoptType(portal, account!, streamVersion, data.type);
  }

  @EventPattern<string>(AccountChanged.type)
  async accountChanged({ portal, account, streamVersion, data }: EventOf<typeof AccountChanged>): Promise<void> {
    const type = data.type?.to;
    if (!type) return;
    // or it would be known, and could log in, without the second factor that its registration names (R36)
    if (!(await this.facts.knows({ portal, accountId: account! })))
      throw new Error('the registration of the account is not adopted');
    await this.facts.adoptType(portal, account!, streamVersion, type);
  }

  @EventPattern<string>(AccountSuspended.type)
  accountSuspended({ portal, account, streamVersion }: EventOf<typeof AccountSuspended>): Promise<void> {
    return this.facts.adoptSuspended(portal, account!, streamVersion, true);
  }

  @EventPattern<string>(AccountResumed.type)
  accountResumed({ portal, account, streamVersion }: EventOf<typeof AccountResumed>): Promise<void> {
    return this.facts.adoptSuspended(portal, account!, streamVersion, false);
  }

  @EventPattern<string>(AccountDeleted.type)
  accountDeleted(
    @Payload() { portal, account }: EventOf<typeof AccountDeleted>,
    @Ctx() context: Context,
  ): Promise<void> {
    return this.erasure.erase({ portal, accountId: account! }, context);
  }

  @EventPattern<string>(PortalCreated.type)
  portalCreated({ portal, streamVersion, data }: EventOf<typeof PortalCreated>): Promise<void> {
    return this.facts.adoptAdministrator(portal, data.administrator, streamVersion, true);
  }

  @EventPattern<string>(AdministratorAppointed.type)
  administratorAppointed({ portal, streamVersion, data }: EventOf<typeof AdministratorAppointed>): Promise<void> {
    return this.facts.adoptAdministrator(portal, data.accountId, streamVersion, true);
  }

  @EventPattern<string>(AdministratorRemoved.type)
  administratorRemoved({ portal, streamVersion, data }: EventOf<typeof AdministratorRemoved>): Promise<void> {
    return this.facts.adoptAdministrator(portal, data.accountId, streamVersion, false);
  }
}
