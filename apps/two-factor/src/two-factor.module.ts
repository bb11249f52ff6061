import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Engine } from '#libs/engine/src/port.js';
import { Aggregates } from '#libs/event-store/src/aggregates.js';
import { SNAPSHOTS } from '#libs/event-store/src/stream/snapshots.js';
import type { AppDefinition } from '#libs/platform/src/app.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { CLOCK, CONFIG, ENGINE, LOGGER } from '#libs/platform/src/tokens.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import type { Logger } from 'pino';
import { CodeReader } from './accounts/code-reader.js';
import { AGGREGATES, secondFactorFold, SecondFactors, VAULT } from './accounts/second-factors.js';
import { BackupCodesController } from './backup-codes/backup-codes.controller.js';
import { IssueBackupCodesHandler } from './backup-codes/issue-backup-codes.js';
import { ChallengeSealer } from './challenge/sealed-challenge.js';
import { SignedCommands } from './commands/commands.messages.js';
import { SeenCommands } from './commands/seen-commands.js';
import { Senders } from './commands/senders.js';
import { DisableForUserHandler } from './disable/disable-for-user.js';
import { DisableMineHandler } from './disable/disable-mine.js';
import { DisableController } from './disable/disable.controller.js';
import { DisableMessages } from './disable/disable.messages.js';
import { ConfirmHandler } from './enrol/confirm.js';
import { EnrolController } from './enrol/enrol.controller.js';
import { IssueSecretHandler } from './enrol/issue-secret.js';
import { PolicyFacts } from './policy/policy-facts.js';
import { PolicyEvents } from './policy/policy.events.js';
import type { TwoFactorEvent } from './second-factor/events.js';
import type { SecondFactor } from './second-factor/state.js';
import { DescribeAccountsHandler, DescribeMineHandler } from './status/describe.js';
import { StatusController } from './status/status.controller.js';
import { StatusMessages } from './status/status.messages.js';
import { UnlockHandler } from './unlock/unlock.js';
import { UnlockMessages } from './unlock/unlock.messages.js';
import { Upkeep } from './upkeep/upkeep.js';
import { VaultRotation } from './upkeep/vault-rotation.js';
import { AttemptOutcomes } from './verify/attempt-outcomes.js';
import { ChallengesController } from './verify/challenges.controller.js';
import { ChallengesMessages } from './verify/challenges.messages.js';
import { OpenChallengeHandler } from './verify/open-challenge.js';
import { VerifyChallengeHandler } from './verify/verify-challenge.js';
import { RequireProofHandler } from './verify/require-proof.js';
import { VerifyProofHandler } from './verify/verify-proof.js';

/** Enrolment, challenges, attempts, lockout, backup codes. The one place where ports meet adapters. */
@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [
    EnrolController,
    ChallengesController,
    ChallengesMessages,
    DisableController,
    DisableMessages,
    UnlockMessages,
    BackupCodesController,
    StatusController,
    StatusMessages,
    PolicyEvents,
    SignedCommands,
  ],
  providers: [
    {
      provide: AGGREGATES,
      inject: [ENGINE, CLOCK, LOGGER],
      useFactory: (engine: Engine, clock: Clock, logger: Logger) =>
        new Aggregates(secondFactorFold, {
          log: engine.log,
          snapshots: engine.records(SNAPSHOTS),
          onDamage: engine.damaged,
          clock,
          logger,
        }),
    },
    {
      provide: VAULT,
      inject: [ENGINE, CONFIG, CLOCK],
      useFactory: (engine: Engine, config: Config, clock: Clock) => new RecordsVault(engine, config.vaultKeys, clock),
    },
    {
      provide: ChallengeSealer,
      inject: [CONFIG],
      useFactory: (config: Config) => new ChallengeSealer(config.vaultKeys),
    },
    SecondFactors,
    CodeReader,
    AttemptOutcomes,
    PolicyFacts,
    Senders,
    SeenCommands,
    Upkeep,
    VaultRotation,
    IssueSecretHandler,
    ConfirmHandler,
    IssueBackupCodesHandler,
    OpenChallengeHandler,
    VerifyChallengeHandler,
    VerifyProofHandler,
    RequireProofHandler,
    DisableMineHandler,
    DisableForUserHandler,
    UnlockHandler,
    DescribeAccountsHandler,
    DescribeMineHandler,
  ],
})
export class TwoFactorModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly secondFactors: SecondFactors,
    @Inject(VAULT) private readonly vault: RecordsVault,
    @Inject(AGGREGATES) private readonly aggregates: Aggregates<SecondFactor, TwoFactorEvent>,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refuseWrongRing();
    await this.secondFactors.recover();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.aggregates.settled();
  }

  /** Every code would fail, and what is enrolled now could not be read with the right ring later. */
  private async refuseWrongRing(): Promise<void> {
    const lacked = await this.vault.lackedKey();
    if (lacked === undefined) return;
    throw new SettingError('VAULT_KEYS', `does not contain the key ${lacked}, which stored secrets are encrypted with`);
  }
}

export const twoFactorApp: AppDefinition = { name: 'two-factor', module: TwoFactorModule };
