import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import type { AccountRef } from '../accounts/second-factors.js';
import type { Policy } from '../second-factor/policy.js';
import { Remembered } from '#libs/engine/src/remembered.js';

export interface PortalPolicy {
  readonly enabled: boolean;
  readonly maxFailedAttempts: number;
  readonly addOn: boolean;
}

/** A fact and the version of the stream it was last adopted from; an older event changes nothing. */
type Adopted<Fact> = Fact & { readonly version: number };

/** A portal that nobody has set anything for (R01, R02). */
export const initialPortalPolicy: PortalPolicy = { enabled: false, maxFailedAttempts: 5, addOn: false };

/** The facts of policy that are enforced here, adopted from the events of admin-policy and identity. */
@Injectable()
export class PolicyFacts {
  private readonly portals: Remembered<Adopted<PortalPolicy>>;
  private readonly accounts: Remembered<Adopted<{ type: AccountType }>>;
  private readonly administrators: Records<Adopted<{ administrator: boolean }>>;

  constructor(@Inject(ENGINE) engine: Engine) {
    this.portals = new Remembered(engine.records('policy-portals'), engine.log);
    this.accounts = new Remembered(engine.records('policy-accounts'), engine.log);
    this.administrators = engine.records('policy-administrators');
  }

  /** @throws Problem `not-found` when no such account is known */
  async of({ portal, accountId }: AccountRef): Promise<Policy> {
    const ofAccount = [portal, accountId];
    const account = this.accounts.known(ofAccount) ?? (await this.accounts.get(ofAccount));
    const facts = this.portals.known([portal]) ?? (await this.portals.get([portal]));
    if (!account) throw new Problem('not-found', 'No such account.');
    const { enabled, maxFailedAttempts, addOn } = facts ?? initialPortalPolicy;
    return { enabled, maxFailedAttempts, addOn, contributor: account.type === 'contributor' };
  }

  async isAdministrator({ portal, accountId }: AccountRef): Promise<boolean> {
    return (await this.administrators.get([portal, accountId]))?.administrator ?? false;
  }

  adoptPortal(portal: string, version: number, change: Partial<PortalPolicy>): Promise<void> {
    return adopt(this.portals, [portal], version, (present = initialPortalPolicy) => ({ ...present, ...change }));
  }

  adoptAccount(portal: string, account: string, version: number, type: AccountType): Promise<void> {
    return adopt(this.accounts, [portal, account], version, () => ({ type }));
  }

  adoptAdministrator(portal: string, account: string, version: number, administrator: boolean): Promise<void> {
    return adopt(this.administrators, [portal, account], version, () => ({ administrator }));
  }

  /** They are adopted again from the other apps' logs. */
  async clear(): Promise<void> {
    await Promise.all([this.portals.clear(), this.accounts.clear(), this.administrators.clear()]);
  }
}

/** Never over what a later event has written meanwhile: an instance that is slow may hold an older one still. */
async function adopt<Fact>(
  records: Pick<Records<Adopted<Fact>>, 'get' | 'create' | 'replace'>,
  key: Key,
  version: number,
  change: (present?: Fact) => Fact,
): Promise<void> {
  for (;;) {
    const present = await records.get(key);
    if (present !== undefined && version <= present.version) return;
    const adopted = { ...change(present), version };
    const written = present ? await records.replace(key, present, adopted) : await records.create(key, adopted);
    if (written) return;
  }
}
