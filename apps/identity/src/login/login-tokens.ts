import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import type { AccountRef } from '../registry/accounts.js';
import { Expiries } from '../sweep/expiries.js';

interface StoredLoginToken extends AccountRef {
  readonly expiresAt: number;
}
export interface NewLoginToken {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: number;
}

const COLLECTION = 'login-tokens';
const LASTS_MS = 10 * 60_000;

/** Login tokens by their hash. */
@Injectable()
export class LoginTokens {
  private readonly records: Records<StoredLoginToken>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly expiries: Expiries,
  ) {
    this.records = engine.records(COLLECTION);
  }

  async issue({ portal, accountId }: AccountRef): Promise<NewLoginToken> {
    const token = newToken('lgn_');
    const expiresAt = this.clock() + LASTS_MS;
    const key = [tokenHash(token)];
    await this.expiries.add(expiresAt, { collection: COLLECTION, key });
    await this.records.put(key, { portal, accountId, expiresAt });
    return { id: randomUUID(), token, expiresAt };
  }

  /** Whose it is, as long as it is good in that portal. */
  async find(portal: string, token: string): Promise<AccountRef | null> {
    const stored = await this.records.get([tokenHash(token)]);
    if (stored?.portal !== portal || stored.expiresAt <= this.clock()) return null;
    return { portal, accountId: stored.accountId };
  }

  /** True for one caller, however many use it at once. */
  async useUp(token: string): Promise<boolean> {
    return this.records.delete([tokenHash(token)]);
  }
}
