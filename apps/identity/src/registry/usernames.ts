import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Inject, Injectable } from '@nestjs/common';
import { foldUsername, MAX_FOLDED_BYTES } from '#libs/contracts/src/text/fold.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { Accounts, type KnownAccount } from './accounts.js';
import { CLAIM_LASTS_MS } from './claims.js';
import { lookupHash } from './lookup.js';

const NOBODY = ' ';
/** Ids are UUIDs; this is none. What is asked of it takes the same reads as of an account (R15). */
export const NO_ACCOUNT = 'none';

/** The form in which usernames are compared; a blank for a text that no account can have as its name. */
export function nameOf(typed: string): string {
  const folded = foldUsername(typed).trim();
  return Buffer.byteLength(folded) <= MAX_FOLDED_BYTES && /^[^\p{Cc}\p{Cs}]+$/u.test(folded) ? folded : NOBODY;
}

interface Reservation {
  readonly accountId: string;
  /** Milliseconds, of an account that takes another name: for so long it is nobody else's, until its event is recorded. */
  readonly claimedAt?: number;
}

/**
 * Which account has which name. A reservation comes before the account's first event; one without an account was left by a
 * crash, or its account is being made: whoever wants the name goes on with the same account id, and its stream decides.
 */
@Injectable()
export class Usernames {
  private readonly records: Records<Reservation>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly accounts: Accounts,
    private readonly keys: PersonalKeys,
  ) {
    this.records = engine.records('usernames');
  }

  async find(portal: string, typed: string): Promise<KnownAccount | null> {
    const name = nameOf(typed);
    const reserved = await this.records.get(await this.keyOf(portal, name));
    return this.holder(portal, name, reserved?.accountId ?? NO_ACCOUNT);
  }

  /** The id to make the account under: the one given, or that of the reservation. @throws Problem `username-taken` */
  async reserve({ portal, accountId }: AccountRef, username: string): Promise<string> {
    const name = nameOf(username);
    const key = await this.keyOf(portal, name);
    for (;;) {
      if (await this.records.create(key, { accountId })) return accountId;
      const reserved = await this.records.get(key);
      if (!reserved) continue;
      if (this.isFresh(reserved) || (await this.holder(portal, name, reserved.accountId))) {
        throw new Problem('username-taken');
      }
      const { profile } = await this.accounts.state({ portal, accountId: reserved.accountId });
      if (!profile) return reserved.accountId;
      // its account was made under another name after all
      if (await this.records.replace(key, reserved, { accountId })) return accountId;
    }
  }

  /** Before an account takes another name. @throws Problem `username-taken` */
  async claim({ portal, accountId }: AccountRef, username: string): Promise<void> {
    const name = nameOf(username);
    const key = await this.keyOf(portal, name);
    for (;;) {
      const mine: Reservation = { accountId, claimedAt: this.clock() };
      if (await this.records.create(key, mine)) return;
      const reserved = await this.records.get(key);
      if (!reserved) continue;
      if (reserved.accountId === accountId && (await this.holder(portal, name, accountId))) return;
      const { profile } = await this.accounts.state({ portal, accountId: reserved.accountId });
      // without a profile its account is being made at this moment, or whoever makes it again goes on with it
      const isTaken = !profile || this.isFresh(reserved) || (await this.holder(portal, name, reserved.accountId));
      if (isTaken && reserved.accountId !== accountId) throw new Problem('username-taken');
      if (await this.records.replace(key, reserved, mine)) return;
    }
  }

  /** Whichever of the name before and the one that was claimed is not the account's after all. */
  async settle(before: KnownAccount, claimed: string | null): Promise<void> {
    const { profile } = await this.accounts.get(before);
    for (const username of [before.profile.username, claimed]) {
      if (username && nameOf(username) !== nameOf(profile.username)) await this.release(before, username);
    }
  }

  /** Of an account that was deleted, or has another name. */
  async release({ portal, accountId }: AccountRef, username: string): Promise<void> {
    const key = await this.keyOf(portal, nameOf(username));
    const present = await this.records.get(key);
    if (present?.accountId === accountId) await this.records.remove(key, present);
  }

  /** Puts back what the log says. */
  async restore({ portal, accountId, profile }: KnownAccount): Promise<void> {
    await this.records.create(await this.keyOf(portal, nameOf(profile.username)), { accountId });
  }

  async clear(): Promise<void> {
    await this.records.clear();
  }

  private isFresh({ claimedAt = 0 }: Reservation): boolean {
    return Math.abs(this.clock() - claimedAt) < CLAIM_LASTS_MS;
  }

  private async keyOf(portal: string, name: string): Promise<Key> {
    return [portal, await lookupHash(this.keys, portal, 'username', name)];
  }

  private async holder(portal: string, name: string, accountId: string): Promise<KnownAccount | null> {
    const account = await this.accounts.find({ portal, accountId });
    return account && nameOf(account.profile.username) === name ? account : null;
  }
}
