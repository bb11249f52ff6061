import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Repeated } from '#libs/platform/src/running/repeated.js';
import { LOGGER } from '#libs/platform/src/tokens.js';
import { SecondFactors } from '../change/second-factors.js';
import { PendingImports } from '../import/pending-imports.js';
import { SeenCommands } from '../commands/seen-commands.js';

const EVERY_MS = 3_600_000;

/** Destroys once an hour the secrets that a dead instance left, or that came for an account that never did; forgets, at the start too, commands that cannot come again. */
@Injectable()
export class Upkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly destroying = this.hourly('left secrets destroyed', () =>
    this.secondFactors.recover({
      failed: (portal, accountId, err) =>
        this.logger.error({ portal, accountId, err }, 'leftover secrets could not be destroyed; retrying in an hour'),
    }),
  );
  private readonly forgetting = this.hourly('old commands forgotten', () => this.seen.purge());

  private readonly discarding = this.hourly('second factors discarded that were imported for nobody', () =>
    this.imports.discardLeft(),
  );

  constructor(
    private readonly imports: PendingImports,
    private readonly seen: SeenCommands,
    private readonly secondFactors: SecondFactors,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    // secrets were seen to before the app was ready
    this.destroying.start();
    this.discarding.start();
    this.forgetting.turn();
    this.forgetting.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.destroying, this.discarding, this.forgetting].map((work) => work.stop()));
  }

  private hourly(done: string, work: () => Promise<number>): Repeated {
    return new Repeated(
      async () => {
        const count = await work();
        if (count > 0) this.logger.debug({ count }, done);
      },
      EVERY_MS,
      (err) => this.logger.warn({ err }, 'clean-up failed; retrying in an hour'),
    );
  }
}
