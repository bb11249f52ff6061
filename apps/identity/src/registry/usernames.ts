import { Inject, Injectable } from '@nestjs/common';
import { foldUsername, MAX_FOLDED_BYTES } from '#libs/contracts/src/text/fold.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import type { Profile } from '../accounts/account.js';
import { Accounts, type KnownAccount } from './accounts.js';
import { type Claim, Claims, type Noted } from './claims.js';

const NOBODY = ' ';

/** The form in which usernames are compared; a blank for a text that no account can have as its name. */
export function nameOf(typed: string): string {
  const folded = foldUsername(typed).trim();
  return Buffer.byteLength(folded) <= MAX_FOLDED_BYTES && /^[^\p{Cc}\p{Cs}]+$/u.test(folded) ? folded : NOBODY;
}

/**
 * Which account has which name, however it is written. For a new account the name is claimed with the id that it will have:
 * whoever wants the name before its first event goes on with the same account, and its stream decides.
 */
@Injectable()
export class Usernames extends Claims {
  constructor(@Inject(ENGINE) engine: Engine, @Inject(CLOCK) clock: Clock, accounts: Accounts, keys: PersonalKeys) {
    const of = ({ username }: Profile) => nameOf(username);
    super({ kind: 'username', collection: 'usernames', of, taken: 'username-taken' }, engine, accounts, keys, clock);
  }

  override find(portal: string, typed: string): Promise<KnownAccount | null> {
    return super.find(portal, nameOf(typed));
  }

  override claim(ref: AccountRef, username: string): Promise<Noted> {
    return super.claim(ref, nameOf(username));
  }

  override note(ref: AccountRef, username: string): Promise<Noted> {
    return super.note(ref, nameOf(username));
  }

  override settle(ref: AccountRef, username: string, mine?: Noted): Promise<void> {
    return super.settle(ref, nameOf(username), mine);
  }

  /** The id to make the account under: the one given, or that of a claim without an account. @throws Problem `username-taken` */
  async reserve({ portal, accountId }: AccountRef, username: string): Promise<string> {
    const name = nameOf(username);
    const key = await this.keyOf(portal, name);
    for (;;) {
      const mine: Claim = { accountId, reservedAt: this.clock() };
      if (await this.records.create(key, mine)) return accountId;
      const present = await this.records.get(key);
      if (!present) continue;
      const { profile } = await this.accounts.state({ portal, accountId: present.accountId });
      if (!profile) return present.accountId;
      // it has this name, or is about to; or else it had it, or was made under another after all. In this order: an account that
      // is made in between is found as the holder
      if (this.isFresh(present) || (await this.holder(portal, name, present.accountId))) {
        throw new Problem('username-taken');
      }
      if (await this.records.replace(key, present, mine)) return accountId;
    }
  }
}
