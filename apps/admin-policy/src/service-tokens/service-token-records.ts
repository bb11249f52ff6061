import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { ed25519Jwk } from '#libs/contracts/src/http/admin-policy.js';
import type { ServiceScope } from '#libs/contracts/src/primitives.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE, LOGGER } from '#libs/platform/src/tokens.js';
import type { Logger } from 'pino';
import { Policies } from '../change/policies.js';
import { LastUses } from '../last-uses.js';
import { isGood, isIssued } from '../policy/state.js';

export interface ServiceToken {
  readonly tokenId: string;
  readonly portal: string;
  readonly name: string;
  readonly scopes: readonly ServiceScope[];
  readonly publicKey: z.infer<typeof ed25519Jwk> | null;
}

/**
 * What opens the door by a service token: a credential store beside the log, by the token's SHA-256. Whether a token is
 * good is in the log alone, so that no crash between the two leaves a token that works without its event, or after its end.
 */
@Injectable()
export class ServiceTokenRecords {
  private readonly byHash: Records<ServiceToken>;
  private readonly hashes: Records<string>;
  /** By portal and token: those whose end was asked for. */
  private readonly ends: Records<true>;
  private readonly uses: LastUses;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
    private readonly policies: Policies,
  ) {
    this.byHash = engine.records('service-tokens');
    this.hashes = engine.records('service-token-hashes');
    this.ends = engine.records('service-token-ends');
    this.uses = new LastUses(engine.records('service-token-uses'), clock, (tokenId, err) =>
      logger.warn({ tokenId, err }, 'the use of a service token could not be noted'),
    );
  }

  async keep(hash: string, token: ServiceToken): Promise<void> {
    await this.byHash.put([hash], token);
    await this.hashes.put([token.tokenId], hash);
  }

  async goodByHash(hash: string): Promise<ServiceToken | null> {
    const token = await this.byHash.get([hash]);
    if (!token || !isGood(await this.policies.recorded(token.portal), token.tokenId, this.clock())) return null;
    this.uses.note(token.tokenId);
    return token;
  }

  /** When each was used last, to the hour; undefined: never. */
  lastUses(tokenIds: readonly string[]): Promise<(number | undefined)[]> {
    return this.uses.of(tokenIds);
  }

  async goodById(tokenId: string): Promise<ServiceToken | null> {
    const hash = await this.hashes.get([tokenId]);
    return hash === undefined ? null : this.goodByHash(hash);
  }

  /**
   * Notes that the token is to end, before its event: the note opens and closes nothing.
   * @returns false: the portal never had such a token
   */
  async beginEnd(portal: string, tokenId: string): Promise<boolean> {
    if (!isIssued(await this.policies.of(portal), tokenId)) return (await this.ends.get([portal, tokenId])) ?? false;
    await this.ends.put([portal, tokenId], true);
    return true;
  }

  async forget(tokenId: string): Promise<void> {
    await this.uses.forget(tokenId);
    const hash = await this.hashes.get([tokenId]);
    if (hash === undefined) return;
    await this.byHash.delete([hash]);
    await this.hashes.delete([tokenId]);
  }
}
