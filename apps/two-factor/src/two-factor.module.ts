import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Engine } from '#libs/engine/src/port.js';
import type { AppDefinition } from '#libs/platform/src/app.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { KeyRingRotation } from '#libs/platform/src/settings/key-ring-rotation.js';
import { SettingError } from '#libs/platform/src/settings/setting-error.js';
import { streamsOf } from '#libs/platform/src/streams.js';
import { CLOCK, CONFIG, ENGINE } from '#libs/platform/src/tokens.js';
import { RecordsVault } from '#libs/vault/src/records-vault.js';
import { AuthenticatorsController, authenticatorHandlers } from './authenticators/authenticators.controller.js';
import { AuthenticatorNames } from './authenticators/names.js';
import { ChallengeSealer } from './challenge/sealed-challenge.js';
import { SECOND_FACTOR_STREAMS, secondFactorFold, SecondFactors, VAULT } from './change/second-factors.js';
import { SignedCommands } from './commands/commands.messages.js';
import { SeenCommands } from './commands/seen-commands.js';
import { Senders } from './commands/senders.js';
import { Erasure } from './erase/erasure.js';
import { PendingImports } from './import/pending-imports.js';
import { MyTwoFactorController, myTwoFactorHandlers } from './my-two-factor.controller.js';
import { PolicyFacts } from './policy/policy-facts.js';
import { PolicyEvents } from './policy/policy.events.js';
import { ProfilesController } from './policy/profiles.controller.js';
import { accountHandlers, TwoFactorMessages } from './two-factor.messages.js';
import { LockEnds } from './unlock/lock-ends.js';
import { Upkeep } from './upkeep/upkeep.js';
import { Attempts } from './verify/attempts.js';
import { ChallengesController } from './verify/challenges.controller.js';
import { CodeReader } from './verify/code-reader.js';

/** Enrolment, challenges, attempts, lockout, backup codes. The one place where ports meet adapters. */
@Module({
  imports: [CqrsModule.forRoot()],
  controllers: [
    MyTwoFactorController,
    AuthenticatorsController,
    ChallengesController,
    TwoFactorMessages,
    SignedCommands,
    PolicyEvents,
    ProfilesController,
  ],
  providers: [
    streamsOf(SECOND_FACTOR_STREAMS, secondFactorFold),
    {
      provide: VAULT,
      inject: [ENGINE, KeyRingRotation, CLOCK],
      useFactory: (engine: Engine, ring: KeyRingRotation, clock: Clock) =>
        ring.use((keys) => new RecordsVault(engine, keys, clock)),
    },
    {
      provide: ChallengeSealer,
      inject: [KeyRingRotation],
      useFactory: (ring: KeyRingRotation) => ring.use((keys) => new ChallengeSealer(keys)),
    },
    SecondFactors,
    Erasure,
    PendingImports,
    CodeReader,
    AuthenticatorNames,
    Attempts,
    PolicyFacts,
    Senders,
    SeenCommands,
    LockEnds,
    Upkeep,
    ...myTwoFactorHandlers,
    ...authenticatorHandlers,
    ...accountHandlers,
  ],
})
export class TwoFactorModule implements OnModuleInit {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly erasure: Erasure,
    private readonly policy: PolicyFacts,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!(await this.policy.hasPresentForm())) {
      const setting = this.config.mongoUrl === undefined ? 'DATA_DIR' : 'MONGO_URL';
      throw new SettingError(setting, 'has projections of another release; run `npm run rebuild` once');
    }
    await this.secondFactors.recover();
    await this.erasure.applyListed();
  }
}

export const twoFactorApp: AppDefinition = { name: 'two-factor', module: TwoFactorModule };
