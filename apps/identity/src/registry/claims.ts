import { randomUUID } from 'node:crypto';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Problem, type ProblemCode } from '#libs/contracts/src/problems.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { allRecords } from '#libs/engine/src/records.js';
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
const PAGE = 200;
/** What one call claims, or may release. */
export type Noted = Required<Omit<Claim, 'reservedAt'>>;
/** Ids are UUIDs; this is none. What is asked of it takes the same reads as of an account (R15). */
export const NO_ACCOUNT = 'none';

export interface Claimed {
  readonly kind: LookupKind;
  readonly collection: string;
  /** What the account has of this kind, in the form in which it is compared. */
  readonly of: (profile: Profile) => string | undefined;
  readonly taken: ProblemCode;
}

/**
 * Which account has which text of one kind, that no two accounts of a portal may have. A claim comes before the event by which
 * the account has it, and is settled after; one that no event followed is another's after a minute. Each change is noted before
 * it begins, so that whatever a crash has left of it is settled later, or with the account's deletion (R42).
 */
export abstract class Claims {
  protected readonly records: Records<Claim>;
  /** Milliseconds, by kind, portal, account, hash of the text and call. */
  private readonly underWay: Records<number>;

  constructor(
    private readonly claimed: Claimed,
    engine: Pick<Engine, 'records'>,
    protected readonly accounts: Accounts,
    private readonly keys: PersonalKeys,
    protected readonly clock: Clock,
  ) {
    this.records = engine.records(claimed.collection);
    this.underWay = engine.records('claims-under-way');
  }

  async find(portal: string, text: string): Promise<KnownAccount | null> {
    const claim = await this.records.get(await this.keyOf(portal, text));
    return this.holder(portal, text, claim?.accountId ?? NO_ACCOUNT);
  }

  /** Before the account's event is recorded. Answers with what is to be settled then. @throws Problem that it is taken */
  async claim({ portal, accountId }: AccountRef, text: string): Promise<Noted> {
    const key = await this.keyOf(portal, text);
    const mine = await this.noteAt(key, accountId);
    for (;;) {
      if (await this.records.create(key, mine)) return mine;
      const present = await this.records.get(key);
      if (!present) continue;
      if (present.accountId !== accountId && (await this.stands(portal, text, present))) {
        await this.underWay.delete(this.noteKeyOf(key, mine));
        throw new Problem(this.claimed.taken);
      }
      if (await this.records.replace(key, present, mine)) return mine;
    }
  }

  /** Before an event after which the account may not have the text any more. Answers with what is to be settled then. */
  async note({ portal, accountId }: AccountRef, text: string): Promise<Noted> {
    return this.noteAt(await this.keyOf(portal, text), accountId);
  }

  /**
   * After an event of the account was recorded, or was not made: the text stays claimed if the account has it. What another call
   * for the same account is about to record is for that to settle. `mine`: what this call has claimed, or noted.
   */
  async settle({ portal, accountId }: AccountRef, text: string, mine?: Noted): Promise<void> {
    const key = await this.keyOf(portal, text);
    await this.settleKey(key, accountId, mine?.by);
    if (mine) await this.underWay.delete(this.noteKeyOf(key, mine));
  }

  /** What calls have left half done that were cut off: all of them, or those for one account. */
  async finishAll(of?: AccountRef): Promise<void> {
    const prefix = [this.claimed.kind, ...(of ? [of.portal, of.accountId] : [])];
    for await (const { key, value: notedAt } of allRecords(this.underWay, { page: PAGE, prefix })) {
      const [portal, accountId, hash, by] = key.slice(1).map(String) as [string, string, string, string];
      const isLeft = !this.isRecent(notedAt);
      await this.settleKey([portal, hash], accountId, isLeft ? by : undefined);
      if (isLeft) await this.underWay.delete(key);
    }
  }

  /** Puts back what the log says. */
  async restore({ portal, accountId, profile }: KnownAccount): Promise<void> {
    const text = this.claimed.of(profile);
    if (text !== undefined) await this.settleKey(await this.keyOf(portal, text), accountId);
  }

  async clear(): Promise<void> {
    await this.records.clear();
  }

  protected isFresh({ claimedAt = 0 }: Claim): boolean {
    return this.isRecent(claimedAt);
  }

  /** Until it is as the log says: what is written is looked at again, since the account may have changed meanwhile. */
  private async settleKey(key: Key, accountId: string, by?: string): Promise<void> {
    const ref = { portal: String(key[0]), accountId };
    const held: Claim = { accountId, claimedAt: 0 };
    for (;;) {
      const present = await this.records.get(key);
      const isIts = present?.accountId === accountId;
      const isMine = isIts && present.by !== undefined && present.by === by;
      // read after the claim, so that no event of before is missed
      if (await this.holds(ref, key)) {
        if (!present) await this.records.create(key, held);
        else if (isMine || !(isIts || (await this.holds({ ...ref, accountId: present.accountId }, key)))) {
          await this.records.replace(key, present, held);
        } else return;
      } else if (isIts && (isMine || !this.isFresh(present) || (await this.accounts.state(ref)).deleted)) {
        await this.records.remove(key, present);
      } else return;
    }
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

  private async noteAt(key: Key, accountId: string): Promise<Noted> {
    const mine = { accountId, claimedAt: this.clock(), by: randomUUID() };
    await this.underWay.put(this.noteKeyOf(key, mine), mine.claimedAt);
    return mine;
  }

  private noteKeyOf(key: Key, { accountId, by }: Noted): Key {
    const [portal, hash] = key as [string, string];
    return [this.claimed.kind, portal, accountId, hash, by];
  }

  protected async holder(portal: string, text: string, accountId: string): Promise<KnownAccount | null> {
    const account = await this.accounts.find({ portal, accountId });
    return account && this.claimed.of(account.profile) === text ? account : null;
  }

  private async holds(ref: AccountRef, key: Key): Promise<boolean> {
    const account = await this.accounts.find(ref);
    const text = account ? this.claimed.of(account.profile) : undefined;
    return text !== undefined && (await this.keyOf(ref.portal, text))[1] === key[1];
  }
}
