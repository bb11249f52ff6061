import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Repeated } from '#libs/platform/src/running/repeated.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, LOGGER } from '#libs/platform/src/tokens.js';
import { SecondFactors } from '../change/second-factors.js';
import { PendingImports } from '../import/pending-imports.js';
import { LockEnds } from '../unlock/lock-ends.js';
import { SeenCommands } from '../commands/seen-commands.js';

const HOUR_MS = 3_600_000;
/** The end of a lock is recorded within a minute (R38). */
const HALF_A_MINUTE_MS = 30_000;

/**
 * Destroys once an hour the secrets that a dead instance left, or that came for an account that never did; forgets, at the start too,
 * commands that cannot come again; ends, each half minute, locks that are over.
 */
@Injectable()
export class Upkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly destroying = this.hourly('left secrets destroyed', () =>
    this.secondFactors.recover({
      failed: (portal, accountId, err) =>
        this.logger.error({ portal, accountId, err }, 'leftover secrets could not be destroyed; retrying in an hour'),
    }),
  );
  private readonly forgetting = this.hourly('old commands forgotten', () => this.seen.purge());

  private readonly ending = this.repeated('locks ended', HALF_A_MINUTE_MS, () =>
    this.lockEnds.endDue(this.clock(), (account) => this.secondFactors.endLock(account)),
  );

  private readonly discarding = this.hourly('second factors discarded that were imported for nobody', () =>
    this.imports.discardLeft(),
  );

  constructor(
    private readonly imports: PendingImports,
    private readonly seen: SeenCommands,
    private readonly secondFactors: SecondFactors,
    private readonly lockEnds: LockEnds,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    // secrets were seen to before the app was ready
    this.destroying.start();
    this.discarding.start();
    this.ending.turn();
    this.ending.start();
    this.forgetting.turn();
    this.forgetting.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.destroying, this.discarding, this.forgetting, this.ending].map((work) => work.stop()));
  }

  private hourly(done: string, work: () => Promise<number>): Repeated {
    return this.repeated(done, HOUR_MS, work);
  }

  private repeated(done: string, everyMs: number, work: () => Promise<number>): Repeated {
    return new Repeated(
      async () => {
        const count = await work();
        if (count > 0) this.logger.debug({ count }, done);
      },
      everyMs,
      (err) => this.logger.warn({ err, everyMs }, 'upkeep failed; it is repeated'),
    );
  }
}
