import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Repeated } from '#libs/platform/src/running/repeated.js';
import { LOGGER } from '#libs/platform/src/tokens.js';
import { SecondFactors } from '../accounts/second-factors.js';
import { SeenCommands } from '../commands/seen-commands.js';

const EVERY_MS = 3_600_000;

/** At the start and once an hour: forgets commands that cannot come again, and destroys the secrets that a dead instance left. */
@Injectable()
export class Upkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly hourly: Repeated;

  constructor(
    private readonly seen: SeenCommands,
    private readonly secondFactors: SecondFactors,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.hourly = new Repeated(
      () => this.tidy(),
      EVERY_MS,
      (err) => this.logger.warn({ err }, 'not tidied up; tried again in an hour'),
    );
  }

  onApplicationBootstrap(): void {
    this.hourly.turn();
    this.hourly.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.hourly.stop();
  }

  private async tidy(): Promise<void> {
    // secrets first: whatever hinders the other must not keep them
    const destroyed = await this.secondFactors.recover({ serving: true });
    const forgotten = await this.seen.purge();
    if (forgotten + destroyed > 0) this.logger.debug({ forgotten, destroyed }, 'tidied up');
  }
}
