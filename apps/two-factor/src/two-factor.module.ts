import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Engine } from '#libs/engine/src/port.js';
import type { AppDefinition } from '#libs/platform/src/app.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { streamsOf } from '#libs/platform/src/streams.js';
import { CLOCK, CONFIG, ENGINE } from '#libs/platform/src/tokens.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { BackupCodesController } from './backup-codes/backup-codes.controller.js';
import { IssueBackupCodesHandler } from './backup-codes/issue-backup-codes.js';
import { ChallengeSealer } from './challenge/sealed-challenge.js';
import { SECOND_FACTOR_STREAMS, secondFactorFold, SecondFactors, VAULT } from './change/second-factors.js';
import { SignedCommands } from './commands/commands.messages.js';
import { SeenCommands } from './commands/seen-commands.js';
import { Senders } from './commands/senders.js';
import { DisableForUserHandler } from './disable/disable-for-user.js';
import { DisableMineHandler } from './disable/disable-mine.js';
import { DisableController } from './disable/disable.controller.js';
import { ConfirmHandler } from './enrol/confirm.js';
import { EnrolController } from './enrol/enrol.controller.js';
import { IssueSecretHandler } from './enrol/issue-secret.js';
import { PolicyFacts } from './policy/policy-facts.js';
import { PolicyEvents } from './policy/policy.events.js';
import { DescribeAccountsHandler, DescribeMineHandler } from './status/describe.js';
import { StatusController } from './status/status.controller.js';
import { TwoFactorMessages } from './two-factor.messages.js';
import { UnlockHandler } from './unlock/unlock.js';
import { Upkeep } from './upkeep/upkeep.js';
import { VaultRotation } from './upkeep/vault-rotation.js';
import { Attempts } from './verify/attempts.js';
import { ChallengesController } from './verify/challenges.controller.js';
import { CodeReader } from './verify/code-reader.js';
import { OpenChallengeHandler } from './verify/open-challenge.js';
import { RequireProofHandler } from './verify/require-proof.js';
import { VerifyChallengeHandler } from './verify/verify-challenge.js';
import { VerifyProofHandler } from './verify/verify-proof.js';

/** Enrolment, challenges, attempts, lockout, backup codes. The one place where ports meet adapters. */
@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [
    EnrolController,
    ChallengesController,
    DisableController,
    BackupCodesController,
    StatusController,
    TwoFactorMessages,
    SignedCommands,
    PolicyEvents,
  ],
  providers: [
    streamsOf(SECOND_FACTOR_STREAMS, secondFactorFold),
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
    Attempts,
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
export class TwoFactorModule implements OnModuleInit {
  constructor(
    private readonly secondFactors: SecondFactors,
    @Inject(VAULT) private readonly vault: RecordsVault,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refuseWrongRing();
    await this.secondFactors.recover();
  }

  /** Every code would fail, and what is enrolled now could not be read with the right ring later. */
  private async refuseWrongRing(): Promise<void> {
    const lacked = await this.vault.lackedKey();
    if (lacked === undefined) return;
    throw new SettingError('VAULT_KEYS', `does not contain the key ${lacked}, which stored secrets are encrypted with`);
  }
}

export const twoFactorApp: AppDefinition = { name: 'two-factor', module: TwoFactorModule };
