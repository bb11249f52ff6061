import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountType } from '#libs/contracts/src/primitives.js';
import { maxFailedAttempts } from '#libs/contracts/src/rules.js';
import type { Engine, Key, Records } from '#libs/engine/src/port.js';
import { ENGINE } from '#libs/platform/src/tokens.js';
import type { AccountRef } from '../accounts/second-factors.js';
import type { Policy } from '../second-factor/policy.js';
import { CachedRecords } from '#libs/engine/src/cached-records.js';

export interface PortalPolicy {
  readonly enabled: boolean;
  readonly maxFailedAttempts: number;
  readonly addOn: boolean;
}

/** A fact and the version of the stream it was last adopted from; an older event changes nothing. */
type Adopted<Fact> = Fact & { readonly version: number };
/** Each with its own version: an event that comes late (a dead letter that is replayed) is old only beside its own kind. */
type AdoptedPortal = PortalPolicy & { readonly versions: Partial<Record<keyof PortalPolicy, number>> };

/** A portal that nobody has set anything for (R01, R02). */
export const initialPortalPolicy: PortalPolicy = {
  enabled: false,
  maxFailedAttempts: maxFailedAttempts.byDefault,
  addOn: false,
};

/** The facts of policy that are enforced here, adopted from the events of admin-policy and identity. */
@Injectable()
export class PolicyFacts {
  private readonly portals: CachedRecords<AdoptedPortal>;
  private readonly accounts: CachedRecords<Adopted<{ type: AccountType }>>;
  private readonly administrators: Records<Adopted<{ administrator: boolean }>>;

  constructor(@Inject(ENGINE) engine: Engine) {
    this.portals = new CachedRecords(engine.records('policy-portals'), engine.log);
    this.accounts = new CachedRecords(engine.records('policy-accounts'), engine.log);
    this.administrators = engine.records('policy-administrators');
  }

  /** @throws Problem `not-found` when no such account is known */
  async of({ portal, accountId }: AccountRef): Promise<Policy> {
    const ofAccount = [portal, accountId];
    let [account, facts] = [this.accounts.known(ofAccount), this.portals.known([portal])];
    if (!account || !facts) {
      [account, facts] = await Promise.all([this.accounts.get(ofAccount), this.portals.get([portal])]);
    }
    if (!account) throw new Problem('not-found', 'No such account.');
    const { enabled, maxFailedAttempts, addOn } = facts ?? initialPortalPolicy;
    return { enabled, maxFailedAttempts, addOn, contributor: account.type === 'contributor' };
  }

  async isAdministrator({ portal, accountId }: AccountRef): Promise<boolean> {
    return (await this.administrators.get([portal, accountId]))?.administrator ?? false;
  }

  adoptPortal(portal: string, version: number, change: Partial<PortalPolicy>): Promise<void> {
    return write(this.portals, [portal], (present = { ...initialPortalPolicy, versions: {} }) => {
      const newer = Object.entries(change).filter(
        ([fact]) => version > (present.versions[fact as keyof PortalPolicy] ?? 0),
      );
      if (newer.length === 0) return undefined;
      const versions = Object.fromEntries(newer.map(([fact]) => [fact, version]));
      return { ...present, ...Object.fromEntries(newer), versions: { ...present.versions, ...versions } };
    });
  }

  adoptAccount(portal: string, account: string, version: number, type: AccountType): Promise<void> {
    return adopt(this.accounts, [portal, account], version, { type });
  }

  adoptAdministrator(portal: string, account: string, version: number, administrator: boolean): Promise<void> {
    return adopt(this.administrators, [portal, account], version, { administrator });
  }

  /** They are adopted again from the other apps' logs. */
  async clear(): Promise<void> {
    await Promise.all([this.portals.clear(), this.accounts.clear(), this.administrators.clear()]);
  }
}

type FactRecords<Value> = Pick<Records<Value>, 'get' | 'create' | 'replace'>;

function adopt<Fact extends object>(
  records: FactRecords<Adopted<Fact>>,
  key: Key,
  version: number,
  fact: Fact,
): Promise<void> {
  return write(records, key, (present) =>
    present !== undefined && version <= present.version ? undefined : { ...fact, version },
  );
}

/** Never over what a later event has written meanwhile: an instance that is slow may hold an older one still. */
async function write<Value>(
  records: FactRecords<Value>,
  key: Key,
  /** Undefined: it stays as it is. */
  change: (present: Value | undefined) => Value | undefined,
): Promise<void> {
  for (;;) {
    const present = await records.get(key);
    const changed = change(present);
    if (changed === undefined) return;
    const written = present ? await records.replace(key, present, changed) : await records.create(key, changed);
    if (written) return;
  }
}
