import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { monthOf } from '#libs/event-store/src/sealing.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import type { Clock } from '../clock.js';
import { Repeated } from '../running/repeated.js';
import type { Config } from '../settings/config.js';
import { CLOCK, CONFIG, LOGGER } from '../tokens.js';

const DAY_MS = 86_400_000;

/** At the start and once a day: destroys the keys of where acts came from, once the whole of their month is too old (R42). */
@Injectable()
export class KeyRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly daily = new Repeated(
    async () => {
      const destroyed = await this.destroyOld();
      if (destroyed > 0) this.logger.info({ destroyed }, 'keys of old addresses destroyed');
    },
    DAY_MS,
    (err) => this.logger.warn({ err }, 'keys of old addresses could not be destroyed; retrying in a day'),
  );

  constructor(
    private readonly keys: PersonalKeys,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.daily.turn();
    this.daily.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.daily.stop();
  }

  /** Answers how many there were. */
  destroyOld(): Promise<number> {
    return this.keys.destroyBefore(monthOf(this.clock() - this.config.addressRetentionDays * DAY_MS));
  }
}
