import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Clock } from '#libs/platform/src/clock.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';
import { Repeated } from '#libs/platform/src/running/repeated.js';
import { CLOCK, LOGGER } from '#libs/platform/src/tokens.js';

import { SigningKeys } from '../keys/signing-keys.js';

const EVERY_MS = 60_000;

/** Once a minute: deletes what has expired and signing keys that are over, and has the others follow the key ring. */
@Injectable()
export class Upkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly minutely: Repeated;

  constructor(
    private readonly expiries: Expiries,
    private readonly keys: SigningKeys,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.minutely = new Repeated(
      async () => {
        await this.keys.sweep();
        await this.keys.reseal();
        await this.expiries.sweep(this.clock());
      },
      EVERY_MS,
      (err) => logger.warn({ err }, 'upkeep failed; retrying in a minute'),
    );
  }

  onApplicationBootstrap(): void {
    this.minutely.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.minutely.stop();
  }
}
