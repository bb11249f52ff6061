import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Inject, Injectable } from '@nestjs/common';
import { foldUsername, MAX_FOLDED_BYTES } from '#libs/contracts/src/text/fold.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { Accounts, type KnownAccount } from './accounts.js';
import { lookupHash } from './lookup.js';

const NOBODY = ' ';
/** Ids are UUIDs; this is none. What is asked of it takes the same reads as of an account (R15). */
export const NO_ACCOUNT = 'none';

/** The form in which usernames are compared; a blank for a text that no account can have as its name. */
export function nameOf(typed: string): string {
  const folded = foldUsername(typed).trim();
  return Buffer.byteLength(folded) <= MAX_FOLDED_BYTES && /^[^\p{Cc}\p{Cs}]+$/u.test(folded) ? folded : NOBODY;
}

/**
 * Which account has which name. A reservation comes before the account's first event; one without an account was left by a
 * crash, or its account is being made: whoever wants the name goes on with the same account id, and its stream decides.
 */
@Injectable()
export class Usernames {
  private readonly records: Records<{ accountId: string }>;

  constructor(
    @Inject(ENGINE) engine: Engine,
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
      if (await this.holder(portal, name, reserved.accountId)) {
        throw new Problem('username-taken');
      }
      const { profile } = await this.accounts.state({ portal, accountId: reserved.accountId });
      if (!profile) return reserved.accountId;
      // its account was made under another name after all
      if (await this.records.replace(key, reserved, { accountId })) return accountId;
    }
  }

  /** Of an account that was deleted. */
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

  private async keyOf(portal: string, name: string): Promise<Key> {
    return [portal, await lookupHash(this.keys, portal, 'username', name)];
  }

  private async holder(portal: string, name: string, accountId: string): Promise<KnownAccount | null> {
    const account = await this.accounts.find({ portal, accountId });
    return account && nameOf(account.profile.username) === name ? account : null;
  }
}
