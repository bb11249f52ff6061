import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { SNAPSHOTS } from '#libs/event-store/src/stream/snapshots.js';
import type { AppDefinition } from '#libs/platform/src/app.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE, LOGGER } from '#libs/platform/src/tokens.js';
import { AddOnsController } from './add-ons/add-ons.controller.js';
import { ChangePolicyHandler } from './change/change-policy.js';
import { AGGREGATES, Policies, policyFold } from './change/policies.js';
import { CommandsController } from './commands/commands.controller.js';
import type { AdminPolicyEvent } from './policy/events.js';
import type { Policy } from './policy/state.js';
import { PortalsController } from './portals/portals.controller.js';
import { PortalsEvents } from './portals/portals.events.js';
import { Portals } from './portals/portals.js';
import { IssueServiceTokenHandler } from './service-tokens/issue-service-token.js';
import { RevokeServiceTokenHandler } from './service-tokens/revoke-service-token.js';
import { ServiceTokenRecords } from './service-tokens/service-token-records.js';
import { ServiceTokensController } from './service-tokens/service-tokens.controller.js';
import { ServiceTokensMessages } from './service-tokens/service-tokens.messages.js';
import { SettingsController } from './settings/settings.controller.js';

/** Portal settings, add-ons, service tokens, administrators' commands. The one place where ports meet adapters. */
@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [
    SettingsController,
    AddOnsController,
    ServiceTokensController,
    ServiceTokensMessages,
    CommandsController,
    PortalsController,
    PortalsEvents,
  ],
  providers: [
    {
      provide: AGGREGATES,
      inject: [ENGINE, CLOCK, LOGGER],
      useFactory: (engine: Engine, clock: Clock, logger: Logger) =>
        new Aggregates(policyFold, {
          log: engine.log,
          snapshots: engine.records(SNAPSHOTS),
          onDamage: engine.damaged,
          clock,
          logger,
        }),
    },
    Portals,
    Policies,
    ServiceTokenRecords,
    ChangePolicyHandler,
    IssueServiceTokenHandler,
    RevokeServiceTokenHandler,
  ],
})
export class AdminPolicyModule implements OnApplicationShutdown {
  constructor(@Inject(AGGREGATES) private readonly aggregates: Aggregates<Policy, AdminPolicyEvent>) {}

  /** Snapshots under way are written before the store closes. */
  async onApplicationShutdown(): Promise<void> {
    await this.aggregates.settled();
  }
}

export const adminPolicyApp: AppDefinition = { name: 'admin-policy', module: AdminPolicyModule };
