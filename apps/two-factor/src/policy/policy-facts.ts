import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import type { AccountRef } from '../accounts/second-factors.js';
import type { Policy } from '../second-factor/policy.js';

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
  private readonly portals: Records<Adopted<PortalPolicy>>;
  private readonly accounts: Records<Adopted<{ type: AccountType }>>;
  private readonly administrators: Records<Adopted<{ administrator: boolean }>>;

  constructor(@Inject(ENGINE) engine: Engine) {
    this.portals = engine.records('policy-portals');
    this.accounts = engine.records('policy-accounts');
    this.administrators = engine.records('policy-administrators');
  }

  /** @throws Problem `not-found` when no such account is known */
  async of({ portal, accountId }: AccountRef): Promise<Policy> {
    const [account, facts] = await Promise.all([this.accounts.get([portal, accountId]), this.portals.get([portal])]);
    if (!account) throw new Problem('not-found', 'No such account.');
    const { enabled, maxFailedAttempts, addOn } = facts ?? initialPortalPolicy;
    return { enabled, maxFailedAttempts, addOn, contributor: account.type === 'contributor' };
  }

  async isAdministrator({ portal, accountId }: AccountRef): Promise<boolean> {
    return (await this.administrators.get([portal, accountId]))?.administrator ?? false;
  }

  async adoptPortal(portal: string, version: number, change: Partial<PortalPolicy>): Promise<void> {
    const present = (await this.portals.get([portal])) ?? { ...initialPortalPolicy, version: 0 };
    if (version > present.version) await this.portals.put([portal], { ...present, ...change, version });
  }

  async adoptAccount(portal: string, account: string, version: number, type: AccountType): Promise<void> {
    const present = await this.accounts.get([portal, account]);
    if (version > (present?.version ?? 0)) await this.accounts.put([portal, account], { type, version });
  }

  async adoptAdministrator(portal: string, account: string, version: number, administrator: boolean): Promise<void> {
    const present = await this.administrators.get([portal, account]);
    if (version > (present?.version ?? 0)) await this.administrators.put([portal, account], { administrator, version });
  }

  /** They are adopted again from the other apps' logs. */
  async clear(): Promise<void> {
    await Promise.all([this.portals.clear(), this.accounts.clear(), this.administrators.clear()]);
  }
}
