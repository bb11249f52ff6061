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
import { ChallengeSealer } from './challenge/sealed-challenge.js';
import { SECOND_FACTOR_STREAMS, secondFactorFold, SecondFactors, VAULT } from './change/second-factors.js';
import { SignedCommands } from './commands/commands.messages.js';
import { SeenCommands } from './commands/seen-commands.js';
import { Senders } from './commands/senders.js';
import { MyTwoFactorController, myTwoFactorHandlers } from './my-two-factor.controller.js';
import { PolicyFacts } from './policy/policy-facts.js';
import { PolicyEvents } from './policy/policy.events.js';
import { accountHandlers, TwoFactorMessages } from './two-factor.messages.js';
import { Upkeep } from './upkeep/upkeep.js';
import { VaultRotation } from './upkeep/vault-rotation.js';
import { Attempts } from './verify/attempts.js';
import { ChallengesController } from './verify/challenges.controller.js';
import { CodeReader } from './verify/code-reader.js';

/** Enrolment, challenges, attempts, lockout, backup codes. The one place where ports meet adapters. */
@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [MyTwoFactorController, ChallengesController, TwoFactorMessages, SignedCommands, PolicyEvents],
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
    ...myTwoFactorHandlers,
    ...accountHandlers,
  ],
})
export class TwoFactorModule implements OnModuleInit {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(VAULT) private readonly vault: RecordsVault,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refuseWrongRing();
    if (!(await this.policy.hasPresentForm())) {
      const setting = this.config.mongoUrl === undefined ? 'DATA_DIR' : 'MONGO_URL';
      throw new SettingError(setting, 'has projections of another release; run `npm run rebuild` once');
    }
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
