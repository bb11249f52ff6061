import { Inject, Injectable } from '@nestjs/common';
import type { LRUCache } from 'lru-cache';
import {
  type PortalProfile,
  type TwoFactorSettings,
  wholeProfile,
  wholeSettings,
} from '#libs/contracts/src/events/admin-policy.js';
import type { Actor } from '#libs/contracts/src/events/event.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { type AccountRef, streamOfAccount } from '#libs/contracts/src/stream.js';
import { lruOf } from '#libs/engine/src/lru.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { type Adopted, adoptFact } from '#libs/messaging/src/adopting/facts.js';
import { ADOPTIONS } from '#libs/messaging/src/collections.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import { type AccountPolicy, neverSuspended, type Suspension } from '../second-factor/policy.js';

/** Raised when the records here change their form: they are then adopted anew, by `npm run rebuild`. */
const FORM = 2;

/** Read at once. */
interface PortalFacts {
  readonly settings?: Adopted<TwoFactorSettings>;
  readonly addOn?: Adopted<boolean>;
  readonly profile?: Adopted<PortalProfile>;
}
interface AccountFacts {
  readonly type?: Adopted<AccountType>;
  /** Whether it is suspended. */
  readonly suspended?: Adopted<boolean>;
}
interface AdministratorFacts {
  readonly administrator?: Adopted<boolean>;
}

/** The facts of policy that are enforced here, adopted from the events of admin-policy and identity. */
@Injectable()
export class PolicyFacts {
  private readonly portals: Records<PortalFacts>;
  private readonly accounts: Records<AccountFacts>;
  private readonly administrators: Records<AdministratorFacts>;

  /** Asked for at every attempt, changed seldom. Kept where this process alone adopts, until it adopts again. */
  private readonly known: LRUCache<string, AccountPolicy> | undefined;
  private writes = 0;

  constructor(@Inject(ENGINE) private readonly engine: Engine) {
    this.known = engine.log.shared ? undefined : lruOf(20_000);
    this.portals = engine.records('portal-facts');
    this.accounts = engine.records('account-facts');
    this.administrators = engine.records('administrator-facts');
  }

  /** @throws Problem `not-found` when no such account is known */
  async of({ portal, accountId }: AccountRef): Promise<AccountPolicy> {
    const name = streamOfAccount({ portal, accountId });
    const known = this.known?.get(name);
    if (known) return known;
    const { writes } = this;
    const [account, facts] = await Promise.all([this.accounts.get([portal, accountId]), this.portals.get([portal])]);
    if (!account?.type) throw new Problem('not-found', 'No such account.');
    const policy = {
      ...wholeSettings(facts?.settings?.fact),
      addOn: facts?.addOn?.fact ?? false,
      contributor: account.type.fact === 'contributor',
      suspension: suspensionOf(account),
    };
    // what was read before an adoption may be old after it
    if (writes === this.writes) this.known?.set(name, policy);
    return policy;
  }

  /** Of any portal, known or not: one look into the store, and nothing remembered. */
  async profileOf(portal: string): Promise<PortalProfile> {
    return wholeProfile((await this.portals.get([portal]))?.profile?.fact);
  }

  /** Whether the registration of the account has been adopted. */
  async knows({ portal, accountId }: AccountRef): Promise<boolean> {
    return (await this.accounts.get([portal, accountId]))?.type !== undefined;
  }

  /** The operator helps administrators only; their users are the administrators' affair (R04). @throws Problem `not-found`, `forbidden` */
  async refuseForeignOperator(account: AccountRef, actor: Actor): Promise<void> {
    await this.of(account);
    if (actor.kind !== 'operator') return;
    const facts = await this.administrators.get([account.portal, account.accountId]);
    if (!facts?.administrator?.fact)
      throw new Problem('forbidden', 'The operator can do this only for administrators.');
  }

  adoptSettings(portal: string, version: number, settings: TwoFactorSettings): Promise<void> {
    return this.adopting(() => adoptFact(this.portals, [portal], 'settings', { fact: settings, version }));
  }

  adoptAddOn(portal: string, version: number, present: boolean): Promise<void> {
    return this.adopting(() => adoptFact(this.portals, [portal], 'addOn', { fact: present, version }));
  }

  adoptProfile(portal: string, version: number, profile: PortalProfile): Promise<void> {
    return adoptFact(this.portals, [portal], 'profile', { fact: profile, version });
  }

  adoptType(portal: string, account: string, version: number, type: AccountType): Promise<void> {
    return this.adopting(() => adoptFact(this.accounts, [portal, account], 'type', { fact: type, version }));
  }

  adoptSuspended(portal: string, account: string, version: number, suspended: boolean): Promise<void> {
    return this.adopting(() => adoptFact(this.accounts, [portal, account], 'suspended', { fact: suspended, version }));
  }

  adoptAdministrator(portal: string, account: string, version: number, administrator: boolean): Promise<void> {
    return adoptFact(this.administrators, [portal, account], 'administrator', { fact: administrator, version });
  }

  /** What a write left is unknown when it failed as well. */
  private async adopting(write: () => Promise<void>): Promise<void> {
    this.writes += 1;
    try {
      await write();
    } finally {
      this.writes += 1;
      this.known?.clear();
    }
  }

  /** Before anything is adopted. False: what was adopted stands here in the form of another release. */
  async hasPresentForm(): Promise<boolean> {
    const form = await this.engine.records<number>('facts-form').get(['form']);
    if (form === FORM) return true;
    if ((await this.engine.records(ADOPTIONS).list({ limit: 1 })).length > 0) return false;
    await this.engine.records<number>('facts-form').put(['form'], FORM);
    return true;
  }

  /** They are adopted again from the other apps' logs. */
  async clear(): Promise<void> {
    await Promise.all([this.portals, this.accounts, this.administrators].map((records) => records.clear()));
  }
}

const suspensionOf = ({ suspended }: AccountFacts): Suspension =>
  suspended ? { active: suspended.fact, version: suspended.version } : neverSuspended;
