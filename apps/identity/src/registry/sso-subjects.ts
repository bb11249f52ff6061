import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { PersonalKeys } from '#libs/vault/src/personal/personal-keys.js';
import { Accounts, type KnownAccount } from './accounts.js';
import { lookupHash } from './lookup.js';

interface Claim {
  readonly accountId: string;
  /** Milliseconds; 0: given up. */
  readonly claimedAt: number;
}
/** For so long a claim stands before the account's event must have been recorded. */
const CLAIM_LASTS_MS = 60_000;

/** Which account an identity provider's `sub` stands for; one account per subject in a portal. */
@Injectable()
export class SsoSubjects {
  private readonly records: Records<Claim>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly accounts: Accounts,
    private readonly keys: PersonalKeys,
  ) {
    this.records = engine.records('sso-subjects');
  }

  async find(portal: string, subject: string): Promise<KnownAccount | null> {
    const claim = await this.records.get(await this.keyOf(portal, subject));
    return claim ? this.holder(portal, subject, claim.accountId) : null;
  }

  /** Before the account's change is recorded. @throws Problem `sso-subject-taken` */
  async claim({ portal, accountId }: AccountRef, subject: string): Promise<void> {
    const key = await this.keyOf(portal, subject);
    for (;;) {
      const now = this.clock();
      const mine: Claim = { accountId, claimedAt: now };
      if (await this.records.create(key, mine)) return;
      const present = await this.records.get(key);
      if (!present) continue;
      const anothers = present.accountId !== accountId;
      const fresh = now - present.claimedAt < CLAIM_LASTS_MS;
      if (anothers && (fresh || (await this.holder(portal, subject, present.accountId)))) {
        throw new Problem('sso-subject-taken', 'Another account in the portal has this subject.');
      }
      if (await this.records.replace(key, present, mine)) return;
    }
  }

  /** After the account's change was recorded, or was not made; and of one that was deleted. */
  async release({ portal, accountId }: AccountRef, subject: string): Promise<void> {
    const key = await this.keyOf(portal, subject);
    const present = await this.records.get(key);
    if (present?.accountId === accountId) await this.records.remove(key, present);
  }

  /** Puts back what the log says. */
  async restore({ portal, accountId, profile }: KnownAccount): Promise<void> {
    if (!profile.sso) return;
    const key = await this.keyOf(portal, profile.sso.subject);
    if (await this.records.create(key, { accountId, claimedAt: 0 })) return;
    const present = await this.records.get(key);
    if (!present || (await this.holder(portal, profile.sso.subject, present.accountId))) return;
    await this.records.replace(key, present, { accountId, claimedAt: 0 });
  }

  async clear(): Promise<void> {
    await this.records.clear();
  }

  private async keyOf(portal: string, subject: string): Promise<Key> {
    return [portal, await lookupHash(this.keys, portal, 'sso-subject', subject)];
  }

  private async holder(portal: string, subject: string, accountId: string): Promise<KnownAccount | null> {
    const account = await this.accounts.find({ portal, accountId });
    return account?.profile.sso?.subject === subject ? account : null;
  }
}
