import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { lruOf } from '#libs/engine/src/lru.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE, LOGGER } from '#libs/platform/src/tokens.js';

const HOUR_MS = 3_600_000;

/** Beside the log: the SHA-256 of each client's secret, and when it was used. Which clients there are the log says alone. */
@Injectable()
export class ClientRecords {
  private readonly secrets: Records<string>;
  /** By client: the hour of its last use, milliseconds. */
  private readonly uses: Records<number>;
  private readonly usedAt = lruOf<number>(10_000);

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.secrets = engine.records('client-secrets');
    this.uses = engine.records('client-uses');
  }

  async keepSecret(clientId: string, hash: string): Promise<void> {
    await this.secrets.put([clientId], hash);
  }

  async isSecret(clientId: string, hash: string): Promise<boolean> {
    const known = await this.secrets.get([clientId]);
    return known?.length === hash.length && timingSafeEqual(Buffer.from(known), Buffer.from(hash));
  }

  async forget(clientId: string): Promise<void> {
    await this.uses.delete([clientId]);
    await this.secrets.delete([clientId]);
  }

  lastUses(clientIds: readonly string[]): Promise<(number | undefined)[]> {
    return Promise.all(clientIds.map((clientId) => this.uses.get([clientId])));
  }

  /** Nobody waits for it, and one that is lost is noted at the next use. */
  noteUse(clientId: string): void {
    const hour = Math.floor(this.clock() / HOUR_MS) * HOUR_MS;
    if (this.usedAt.get(clientId) === hour) return;
    this.usedAt.set(clientId, hour);
    this.uses.put([clientId], hour).catch((err: unknown) => {
      this.usedAt.delete(clientId);
      this.logger.warn({ clientId, err }, 'the use of a client could not be noted');
    });
  }
}
