import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Engine } from '#libs/engine/src/port.js';
import type { AppDefinition } from '#libs/platform/src/app.js';
import { LastVerification } from '#libs/platform/src/observing/last-verification.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { KeyRingRotation } from '#libs/platform/src/settings/key-ring-rotation.js';
import { streamsOf } from '#libs/platform/src/streams.js';
import { CLOCK, CONFIG, ENGINE } from '#libs/platform/src/tokens.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { AddOnsController } from './add-ons/add-ons.controller.js';
import { ChangePolicyHandler } from './change/change-policy.js';
import { Policies, POLICY_STREAMS, policyFold } from './change/policies.js';
import { ClientRecords } from './clients/client-records.js';
import { ClientsController, ClientsMessages } from './clients/clients.controller.js';
import { ListClientsHandler } from './clients/list-clients.js';
import { RegisterClientHandler } from './clients/register-client.js';
import { RemoveClientHandler } from './clients/remove-client.js';
import { CommandsController } from './commands/commands.controller.js';
import { DescribeInstallationHandler } from './installation/describe-installation.js';
import { InstallationController } from './installation/installation.controller.js';
import { AccountsEvents } from './portals/accounts.events.js';
import { PortalsController, PortalsMessages } from './portals/portals.controller.js';
import { PortalsEvents } from './portals/portals.events.js';
import { Portals } from './portals/portals.js';
import { IssueServiceTokenHandler } from './service-tokens/issue-service-token.js';
import { ListServiceTokensHandler } from './service-tokens/list-service-tokens.js';
import { RevokeServiceTokenHandler } from './service-tokens/revoke-service-token.js';
import { ServiceTokenRecords } from './service-tokens/service-token-records.js';
import { ServiceTokensController } from './service-tokens/service-tokens.controller.js';
import { ServiceTokensMessages } from './service-tokens/service-tokens.messages.js';
import { SettingsController } from './settings/settings.controller.js';
import { ChangeSsoHandler } from './settings/sso/change-sso.js';
import { SsoController, SsoMessages } from './settings/sso/sso.controller.js';
import { SsoSecrets, VAULT } from './settings/sso/sso-secrets.js';

/** Portal settings, add-ons, service tokens, administrators' commands. The one place where ports meet adapters. */
@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [
    SettingsController,
    SsoController,
    SsoMessages,
    AddOnsController,
    ServiceTokensController,
    ServiceTokensMessages,
    ClientsController,
    ClientsMessages,
    CommandsController,
    InstallationController,
    PortalsController,
    PortalsMessages,
    PortalsEvents,
    AccountsEvents,
  ],
  providers: [
    streamsOf(POLICY_STREAMS, policyFold),
    Portals,
    Policies,
    ServiceTokenRecords,
    {
      provide: LastVerification,
      useFactory: (config: Config, engine: Engine) => new LastVerification(config, engine),
      inject: [CONFIG, ENGINE],
    },
    DescribeInstallationHandler,
    ChangePolicyHandler,
    {
      provide: VAULT,
      inject: [ENGINE, KeyRingRotation, CLOCK],
      useFactory: (engine: Engine, ring: KeyRingRotation, clock: Clock) =>
        ring.use((keys) => new RecordsVault(engine, keys, clock)),
    },
    SsoSecrets,
    ChangeSsoHandler,
    IssueServiceTokenHandler,
    ListServiceTokensHandler,
    RevokeServiceTokenHandler,
    ClientRecords,
    RegisterClientHandler,
    ListClientsHandler,
    RemoveClientHandler,
  ],
})
export class AdminPolicyModule {}

export const adminPolicyApp: AppDefinition = { name: 'admin-policy', module: AdminPolicyModule };
