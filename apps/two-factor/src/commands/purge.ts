import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '#libs/platform/src/tokens.js';
import { SeenCommands } from './seen-commands.js';

const EVERY_MS = 3_600_000;

/** At the start and once an hour: forgets commands that cannot come again. */
@Injectable()
export class CommandPurge implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly seen: SeenCommands,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.purge();
    this.timer = setInterval(() => this.purge(), EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }

  private purge(): void {
    this.underWay = this.underWay
      .then(async () => {
        const purged = await this.seen.purge();
        if (purged > 0) this.logger.debug({ purged }, 'commands forgotten');
      })
      .catch((error: unknown) =>
        this.logger.warn({ err: error }, 'commands were not forgotten; tried again in an hour'),
      );
  }
}
