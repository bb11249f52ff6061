import { Inject, Injectable } from '@nestjs/common';
import { type Context, systemContext } from '#libs/contracts/src/context.js';
import { identityRequests } from '#libs/contracts/src/messages/requests.js';
import { isRefusal } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { allRecords } from '#libs/engine/src/records.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';

const PAGE = 200;
/** An account that is not registered by then was given up. */
const GIVEN_UP_AFTER_MS = 86_400_000;

/**
 * Accounts for which an import has brought a second factor and that are not registered yet (R36). Order of work: a note → the
 * second factor → the account, at identity → it is settled here, before anything else is known of the account → the note goes,
 * at once or with the upkeep.
 */
@Injectable()
export class PendingImports {
  private readonly notes: Records<number>;

  constructor(
    @Inject(ENGINE) engine: Engine,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly requests: Requests,
  ) {
    this.notes = engine.records('pending-imports');
  }

  async note({ portal, accountId }: AccountRef): Promise<void> {
    await this.notes.put([portal, accountId], this.clock());
  }

  /**
   * The account was registered: what that import brought counts, all else is destroyed.
   * @throws Error the second factor is not here: without it nobody may log in to the account
   */
  async settle(account: AccountRef, importId: string | null, context: Context): Promise<void> {
    const { portal, accountId } = account;
    if (importId === null && (await this.notes.get([portal, accountId])) === undefined) return;
    const { answer } = await this.secondFactors.execute(account, context, () => ({
      type: 'SettleImports' as const,
      importId,
    }));
    if (isRefusal(answer) && answer.refused !== 'account-deleted')
      throw new Error(`the second factor that import ${importId} brought is missing`);
    // beside a registration without one, an import that is under way may still bring its own
    if (importId !== null) await this.notes.delete([portal, accountId]);
  }

  /** Destroys what was brought for accounts that never came. How many there were. */
  async discardLeft(): Promise<number> {
    let discarded = 0;
    for await (const { key, value: notedAt } of allRecords(this.notes, { page: PAGE })) {
      const before = this.clock() - GIVEN_UP_AFTER_MS;
      if (notedAt >= before) continue;
      const account = { portal: String(key[0]), accountId: String(key[1]) };
      // of one that came too late, or was refused, only the note is left
      const isLeft = (await this.secondFactors.state(account)).imports.length > 0;
      const isSettled = await this.policy.knows(account);
      if (isLeft && !isSettled && (await this.isRegistered(account))) continue;
      // of an account that was deleted there is nothing left
      const discarding = { type: 'DiscardImports' as const, before };
      await this.secondFactors.execute(account, systemContext(), () => discarding);
      if (await this.notes.remove(key, notedAt)) discarded += 1;
    }
    return discarded;
  }

  private async isRegistered({ portal, accountId }: AccountRef): Promise<boolean> {
    const asked = { portal, accountIds: [accountId] };
    const { usernames } = await this.requests.send(identityRequests.nameAccounts, asked, systemContext());
    return usernames[0] !== null;
  }
}
