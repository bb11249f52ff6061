import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE, LOGGER } from '#libs/platform/src/tokens.js';
import { isSameText } from '#libs/secrets/src/tokens.js';
import { LastUses } from '../last-uses.js';

/** Beside the log: the SHA-256 of each client's secret, and when it was used. Which clients there are the log says alone. */
@Injectable()
export class ClientRecords {
  private readonly secrets: Records<string>;
  private readonly uses: LastUses;

  constructor(@Inject(ENGINE) engine: Engine, @Inject(CLOCK) clock: Clock, @Inject(LOGGER) logger: Logger) {
    this.secrets = engine.records('client-secrets');
    this.uses = new LastUses(engine.records('client-uses'), clock, (clientId, err) =>
      logger.warn({ clientId, err }, 'the use of a client could not be noted'),
    );
  }

  async keepSecret(clientId: string, hash: string): Promise<void> {
    await this.secrets.put([clientId], hash);
  }

  async isSecret(clientId: string, hash: string): Promise<boolean> {
    const known = await this.secrets.get([clientId]);
    return known !== undefined && isSameText(known, hash);
  }

  async forget(clientId: string): Promise<void> {
    await this.uses.forget(clientId);
    await this.secrets.delete([clientId]);
  }

  lastUses(clientIds: readonly string[]): Promise<(number | undefined)[]> {
    return this.uses.of(clientIds);
  }

  noteUse(clientId: string): void {
    this.uses.note(clientId);
  }
}
