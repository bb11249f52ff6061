import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import pMap from 'p-map';
import type { z } from 'zod';
import type { Context } from '#libs/contracts/src/context.js';
import { accountOfBatch, type BatchResult } from '#libs/contracts/src/http/batch.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { fieldErrors } from '#libs/platform/src/auth/validation.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { definedOf } from '../accounts/decide-account.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import { Accounts, type KnownAccount } from '../registry/accounts.js';
import { ExternalIds } from '../registry/external-ids.js';
import { Portals } from '../registry/portals.js';
import { nameOf, Usernames } from '../registry/usernames.js';
import { AccountChanger } from './account-changer.js';
import { Administrators } from './administrators.js';
import { Registrations } from './registrations.js';

type AccountOfBatch = z.output<typeof accountOfBatch>;
interface Batch {
  readonly portal: string;
  /** Of any shape: each is judged by itself. */
  readonly accounts: readonly unknown[];
  readonly context: Context;
}
export class RegisterBatch extends CommandOf<Batch, BatchResult[]> {}

/** Accounts that are under way side by side: they share flushes of the store. */
const SIDE_BY_SIDE = 64;

/** Makes and changes many accounts, each by itself, as each call for one does; again it changes nothing (R33). */
@CommandHandler(RegisterBatch)
export class RegisterBatchHandler implements ICommandHandler<RegisterBatch> {
  constructor(
    private readonly portals: Portals,
    private readonly usernames: Usernames,
    private readonly externalIds: ExternalIds,
    private readonly accounts: Accounts,
    private readonly administrators: Administrators,
    private readonly registrations: Registrations,
    private readonly changer: AccountChanger,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { portal, accounts, context } }: RegisterBatch): Promise<BatchResult[]> {
    await this.portals.mustExist(portal);
    const seen = new Set<string>();
    const judged = accounts.map((account) => judge(account, seen));
    return pMap(judged, (each) => ('outcome' in each ? each : this.one(portal, each, context)), {
      concurrency: SIDE_BY_SIDE,
    });
  }

  private async one(portal: string, account: AccountOfBatch, context: Context): Promise<BatchResult> {
    try {
      const before = await this.find(portal, account);
      if (before) {
        await this.administrators.refuseService(before, context.actor);
        return await this.change(before, account, context);
      }
      const { ref, recorded } = await this.registrations.register(portal, madeOf(account), context);
      await this.effects.reached(['two-factor'], recorded, context);
      return { id: ref.accountId, outcome: 'created' };
    } catch (error) {
      if (error instanceof StoreUnavailable) return { outcome: 'unavailable', code: 'unavailable' };
      if (!(error instanceof Problem) || error.status === 500) throw error;
      return { outcome: error.status === 503 ? 'unavailable' : 'refused', code: error.code };
    }
  }

  private find(portal: string, { externalId, username }: AccountOfBatch): Promise<KnownAccount | null> {
    return externalId === undefined ? this.usernames.find(portal, username) : this.externalIds.find(portal, externalId);
  }

  private async change(before: KnownAccount, account: AccountOfBatch, context: Context): Promise<BatchResult> {
    const { accountId: id, profile } = before;
    const changes = Object.fromEntries(
      Object.entries(definedOf(account)).filter(([name, value]) => value !== profile[name as keyof typeof account]),
    ) as Partial<AccountOfBatch>;
    // what it is found by in any spelling is no change
    if (account.externalId === undefined) delete changes.username;
    if (Object.keys(changes).length === 0) {
      // who made it so may still be waiting
      await this.effects.reached(['two-factor'], await this.accounts.recorded(before), context);
      return { id, outcome: 'unchanged' };
    }
    if (changes.type !== undefined && context.actor.kind === 'service') throw new Problem('forbidden');
    const facts = await this.changer.record(before, changes, context);
    await Promise.all(facts.map((fact) => this.effects.reached(['two-factor'], fact, context)));
    return { id, outcome: 'changed' };
  }
}

/** The account, or why it is refused before anything is looked at. */
function judge(account: unknown, seen: Set<string>): AccountOfBatch | BatchResult {
  const checked = accountOfBatch.safeParse(account);
  if (!checked.success) {
    return { outcome: 'refused', code: 'malformed-request', errors: checked.error.issues.flatMap(fieldErrors) };
  }
  const { externalId, username } = checked.data;
  const name = `username ${nameOf(username)}`;
  const external = externalId === undefined ? undefined : `external ${externalId}`;
  if (external !== undefined && seen.has(external)) return { outcome: 'refused', code: 'external-id-taken' };
  if (seen.has(name)) return { outcome: 'refused', code: 'username-taken' };
  seen.add(name);
  if (external !== undefined) seen.add(external);
  return checked.data;
}

/** Null clears what there is; a new account has nothing to clear. */
const madeOf = ({ displayName, email, ...account }: AccountOfBatch) => ({
  ...account,
  displayName: displayName ?? undefined,
  email: email ?? undefined,
});
