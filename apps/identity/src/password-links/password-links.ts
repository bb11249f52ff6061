import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';

interface StoredLink extends AccountRef {
  readonly linkId: string;
  readonly expiresAt: number;
  /** Of the account's sessions when it was made: it ends with them, at a lock too. */
  readonly epoch: number;
}
export interface NewLink {
  readonly linkId: string;
  readonly token: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

const COLLECTION = 'password-links';
const LASTS_MS = 24 * 3_600_000;

/** Links by which a password is set, by the hash of their token (R43). Which one is good is in the account's stream. */
@Injectable()
export class PasswordLinks {
  private readonly records: Records<StoredLink>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly expiries: Expiries,
  ) {
    this.records = engine.records(COLLECTION);
  }

  async make({ portal, accountId }: AccountRef, epoch: number): Promise<NewLink> {
    const token = newToken('pwl_');
    const [linkId, expiresAt, key] = [randomUUID(), this.clock() + LASTS_MS, [tokenHash(token)]];
    await this.expiries.add(expiresAt, { collection: COLLECTION, key });
    await this.records.put(key, { portal, accountId, linkId, expiresAt, epoch });
    return { linkId, token, expiresAt };
  }

  /** Null: unknown, or too old. */
  async find(token: string): Promise<StoredLink | null> {
    const stored = await this.records.get([tokenHash(token)]);
    return stored && this.clock() < stored.expiresAt ? stored : null;
  }
}
