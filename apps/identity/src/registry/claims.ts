import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Problem, type ProblemCode } from '#libs/contracts/src/problems.js';
import type { Key, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import type { Profile } from '../accounts/account.js';
import type { Accounts, KnownAccount } from './accounts.js';
import { type LookupKind, lookupHash } from './lookup.js';

export interface Claim {
  readonly accountId: string;
  /** Milliseconds; 0: given up. */
  readonly claimedAt: number;
}
/** For so long a claim stands before the account's event must have been recorded. */
export const CLAIM_LASTS_MS = 60_000;

interface Claimed {
  readonly kind: LookupKind;
  /** What the account has of this kind. */
  readonly of: (profile: Profile) => string | undefined;
  readonly taken: ProblemCode;
}

/**
 * Which account has which text of one kind, that no two accounts of a portal may have. A claim comes before the event by which
 * the account has it; one that no event followed is another's after a minute.
 */
export abstract class Claims {
  constructor(
    private readonly claimed: Claimed,
    private readonly records: Records<Claim>,
    private readonly accounts: Accounts,
    private readonly keys: PersonalKeys,
    private readonly clock: Clock,
  ) {}

  async find(portal: string, text: string): Promise<KnownAccount | null> {
    const claim = await this.records.get(await this.keyOf(portal, text));
    return claim ? this.holder(portal, text, claim.accountId) : null;
  }

  /** Before the account's event is recorded. @throws Problem that it is taken */
  async claim({ portal, accountId }: AccountRef, text: string): Promise<void> {
    const key = await this.keyOf(portal, text);
    for (;;) {
      const now = this.clock();
      const mine: Claim = { accountId, claimedAt: now };
      if (await this.records.create(key, mine)) return;
      const present = await this.records.get(key);
      if (!present) continue;
      const anothers = present.accountId !== accountId;
      const fresh = now - present.claimedAt < CLAIM_LASTS_MS;
      if (anothers && (fresh || (await this.holder(portal, text, present.accountId)))) {
        throw new Problem(this.claimed.taken);
      }
      if (await this.records.replace(key, present, mine)) return;
    }
  }

  /** After the account's event was recorded, or was not; and of one that was deleted. */
  async release({ portal, accountId }: AccountRef, text: string): Promise<void> {
    const key = await this.keyOf(portal, text);
    const present = await this.records.get(key);
    if (present?.accountId === accountId) await this.records.remove(key, present);
  }

  /** Whichever of what the account had before and what was claimed for it is not the account's after all. */
  async settle(before: KnownAccount, claimed: string | null): Promise<void> {
    const { profile } = await this.accounts.get(before);
    for (const text of [this.claimed.of(before.profile), claimed]) {
      if (text && text !== this.claimed.of(profile)) await this.release(before, text);
    }
  }

  /** Puts back what the log says. */
  async restore({ portal, accountId, profile }: KnownAccount): Promise<void> {
    const text = this.claimed.of(profile);
    if (text === undefined) return;
    const key = await this.keyOf(portal, text);
    if (await this.records.create(key, { accountId, claimedAt: 0 })) return;
    const present = await this.records.get(key);
    if (!present || (await this.holder(portal, text, present.accountId))) return;
    await this.records.replace(key, present, { accountId, claimedAt: 0 });
  }

  async clear(): Promise<void> {
    await this.records.clear();
  }

  private async keyOf(portal: string, text: string): Promise<Key> {
    return [portal, await lookupHash(this.keys, portal, this.claimed.kind, text)];
  }

  private async holder(portal: string, text: string, accountId: string): Promise<KnownAccount | null> {
    const account = await this.accounts.find({ portal, accountId });
    return account && this.claimed.of(account.profile) === text ? account : null;
  }
}
