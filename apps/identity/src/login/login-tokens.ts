import type { AccountRef } from '#libs/contracts/src/stream.js';
import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Engine, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { Expiries } from '#libs/platform/src/running/expiries.js';

interface StoredLoginToken extends AccountRef {
  readonly expiresAt: number;
  /** Of the account's sessions when it was made: it ends with them. Null: made while the account was locked or suspended, and never good. */
  readonly epoch: number | null;
  /** The person has issued it to themselves: nobody else has vouched for them (R37). */
  readonly selfIssued?: true;
}
export interface FoundLoginToken extends Pick<StoredLoginToken, 'epoch' | 'selfIssued'> {
  readonly account: AccountRef;
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

  async issue(
    { portal, accountId }: AccountRef,
    good: Pick<StoredLoginToken, 'epoch' | 'selfIssued'>,
  ): Promise<NewLoginToken> {
    const token = newToken('lgn_');
    const expiresAt = this.clock() + LASTS_MS;
    const key = [tokenHash(token)];
    await this.expiries.add(expiresAt, { collection: COLLECTION, key });
    await this.records.put(key, { portal, accountId, expiresAt, ...good });
    return { id: randomUUID(), token, expiresAt };
  }

  /** Whose it is, as long as it is known in that portal and not too old. */
  async find(portal: string, token: string): Promise<FoundLoginToken | null> {
    const stored = await this.records.get([tokenHash(token)]);
    if (stored?.portal !== portal || stored.expiresAt <= this.clock()) return null;
    const { accountId, epoch, selfIssued } = stored;
    return { account: { portal, accountId }, epoch, ...(selfIssued && { selfIssued }) };
  }

  /** True for one caller, however many use it at once. */
  async useUp(token: string): Promise<boolean> {
    return this.records.delete([tokenHash(token)]);
  }
}
