import { randomUUID } from 'node:crypto';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Problem, type ProblemCode } from '#libs/contracts/src/problems.js';
import type { Key, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import type { Profile } from '../accounts/account.js';
import type { Accounts, KnownAccount } from './accounts.js';
import { type LookupKind, lookupHash } from './lookup.js';

/** Which account has a text, or is about to. */
export interface Claim {
  readonly accountId: string;
  /** Milliseconds, while the event that it is for is not known to be recorded; 0 or missing afterwards. */
  readonly claimedAt?: number;
  /** Milliseconds, where it came with a new account: that may not be made yet. */
  readonly reservedAt?: number;
  /** Of the call that made it. */
  readonly by?: string;
}
/** For so long a claim stands before the account's event must have been recorded. */
const CLAIM_LASTS_MS = 60_000;
/** Ids are UUIDs; this is none. What is asked of it takes the same reads as of an account (R15). */
export const NO_ACCOUNT = 'none';

export interface Claimed {
  readonly kind: LookupKind;
  /** What the account has of this kind, in the form in which it is compared. */
  readonly of: (profile: Profile) => string | undefined;
  readonly taken: ProblemCode;
}

/**
 * Which account has which text of one kind, that no two accounts of a portal may have. A claim comes before the event by which
 * the account has it, and is settled after; one that no event followed is another's after a minute.
 */
export abstract class Claims {
  constructor(
    private readonly claimed: Claimed,
    protected readonly records: Records<Claim>,
    protected readonly accounts: Accounts,
    private readonly keys: PersonalKeys,
    protected readonly clock: Clock,
  ) {}

  async find(portal: string, text: string): Promise<KnownAccount | null> {
    const claim = await this.records.get(await this.keyOf(portal, text));
    return this.holder(portal, text, claim?.accountId ?? NO_ACCOUNT);
  }

  /** Before the account's event is recorded. Answers with what is to be settled then. @throws Problem that it is taken */
  async claim({ portal, accountId }: AccountRef, text: string): Promise<Claim> {
    const key = await this.keyOf(portal, text);
    for (;;) {
      const mine = this.newClaim(accountId);
      if (await this.records.create(key, mine)) return mine;
      const present = await this.records.get(key);
      if (!present) continue;
      if (present.accountId !== accountId && (await this.stands(portal, text, present))) {
        throw new Problem(this.claimed.taken);
      }
      if (await this.records.replace(key, present, mine)) return mine;
    }
  }

  /**
   * After an event of the account was recorded, or was not made: the text stays claimed if the account has it. What another call
   * for the same account is about to record is for that to settle. `mine`: the claim of this call.
   */
  async settle({ portal, accountId }: AccountRef, text: string, mine?: Claim): Promise<void> {
    const key = await this.keyOf(portal, text);
    const present = await this.records.get(key);
    if (present?.accountId !== accountId) return;
    // read after the claim, so that no event of before is missed
    const isHolder = (await this.holder(portal, text, accountId)) !== null;
    const isMine = present.by !== undefined && present.by === mine?.by;
    if (isHolder && isMine) await this.records.replace(key, present, { accountId, claimedAt: 0 });
    if (!isHolder && (isMine || !this.isFresh(present))) await this.records.remove(key, present);
  }

  /** Puts back what the log says. */
  async restore({ portal, accountId, profile }: KnownAccount): Promise<void> {
    const text = this.claimed.of(profile);
    if (text === undefined) return;
    const key = await this.keyOf(portal, text);
    const held: Claim = { accountId, claimedAt: 0 };
    if (await this.records.create(key, held)) return;
    const present = await this.records.get(key);
    if (!present || (await this.holder(portal, text, present.accountId))) return;
    await this.records.replace(key, present, held);
  }

  async clear(): Promise<void> {
    await this.records.clear();
  }

  protected newClaim(accountId: string): Claim {
    return { accountId, claimedAt: this.clock(), by: randomUUID() };
  }

  protected isFresh({ claimedAt = 0 }: Claim): boolean {
    return this.isRecent(claimedAt);
  }

  /** The account has it, is about to have it, or is being made. */
  private async stands(portal: string, text: string, claim: Claim): Promise<boolean> {
    const { accountId, reservedAt = 0 } = claim;
    if (this.isFresh(claim)) return true;
    // in this order: whoever is made in between is found as the holder
    if (this.isRecent(reservedAt) && !(await this.accounts.state({ portal, accountId })).profile) return true;
    return (await this.holder(portal, text, accountId)) !== null;
  }

  private isRecent(at: number): boolean {
    return Math.abs(this.clock() - at) < CLAIM_LASTS_MS;
  }

  protected async keyOf(portal: string, text: string): Promise<Key> {
    return [portal, await lookupHash(this.keys, portal, this.claimed.kind, text)];
  }

  protected async holder(portal: string, text: string, accountId: string): Promise<KnownAccount | null> {
    const account = await this.accounts.find({ portal, accountId });
    return account && this.claimed.of(account.profile) === text ? account : null;
  }
}
