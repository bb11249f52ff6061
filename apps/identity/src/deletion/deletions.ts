import { Inject, Injectable } from '@nestjs/common';
import { type Context, systemContext } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import type { Engine, Records } from '#libs/engine/src/port.js';
import { allRecords } from '#libs/engine/src/records.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK, ENGINE } from '#libs/platform/src/tokens.js';
import { ErasedAccounts } from '#libs/platform/src/personal/erased-accounts.js';
import { RememberedBrowsers } from '../browsers/remembered-browsers.js';
import { PasswordStore } from '../passwords/password-store.js';
import { Accounts } from '../registry/accounts.js';
import { Directory } from '../directory/directory.js';
import { Portals } from '../registry/portals.js';
import { ExternalIds } from '../registry/external-ids.js';
import { SsoSubjects } from '../registry/sso-subjects.js';
import { Usernames } from '../registry/usernames.js';
import { SessionChanges } from '../sessions/session-changes.js';
import { SessionStore } from '../sessions/session-store.js';

const PAGE = 200;
/** A deletion that is not recorded by then was left by a crash. */
const GIVEN_UP_AFTER_MS = 10 * 60_000;

/**
 * Destroys what there is of a deleted account (R42). Order of work: a note → the event → everything, the keys last → the note
 * goes. So what a crash left is finished before the app is ready; a store that was restored from a backup learns from the list
 * beside it whom to delete again.
 */
@Injectable()
export class Deletions {
  private readonly notes: Records<number>;

  constructor(
    @Inject(ENGINE) engine: Pick<Engine, 'records'>,
    private readonly accounts: Accounts,
    private readonly portals: Portals,
    private readonly sessions: SessionStore,
    private readonly sessionChanges: SessionChanges,
    private readonly browsers: RememberedBrowsers,
    private readonly passwords: PasswordStore,
    private readonly usernames: Usernames,
    private readonly externalIds: ExternalIds,
    private readonly ssoSubjects: SsoSubjects,
    private readonly directory: Directory,
    private readonly erased: ErasedAccounts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.notes = engine.records('deletions');
  }

  /** Of an account that was registered. Again, it finishes what is left. Answers with what other apps must have reached (R28). */
  async delete(ref: AccountRef, context: Context): Promise<Recorded> {
    const { portal, accountId } = ref;
    const { deleted } = await this.accounts.state(ref);
    if (!deleted) await this.notes.put([portal, accountId], this.clock());
    const recorded = await this.accounts.execute(ref, context, { type: 'Delete' });
    await this.finish(ref);
    return recorded;
  }

  /** What a crash has left half done, and what a restored store has brought back. */
  async finishAll(): Promise<void> {
    for await (const { key, value: notedAt } of allRecords(this.notes, { page: PAGE })) {
      const ref = { portal: String(key[0]), accountId: String(key[1]) };
      if ((await this.accounts.state(ref)).deleted) await this.finish(ref);
      // another instance may be about to record it
      else if (Math.abs(this.clock() - notedAt) > GIVEN_UP_AFTER_MS) await this.notes.delete(key);
    }
  }

  /** Before the app serves. */
  async applyListed(): Promise<void> {
    await this.erased.eraseBroughtBack((ref) => this.deleteAgain(ref));
  }

  private async deleteAgain(ref: AccountRef): Promise<void> {
    const { profile } = await this.accounts.state(ref);
    if (profile) await this.delete(ref, systemContext());
    // the backup is from before it was registered
    else await this.erased.erase(ref);
  }

  private async finish(ref: AccountRef): Promise<void> {
    const { portal, accountId } = ref;
    await this.erased.erase(ref, async () => {
      await this.sessions.endAll(ref);
      await this.sessionChanges.forgetAll(ref);
      await this.browsers.drop(ref);
      await this.passwords.destroyAll(ref);
      await this.removeAdministrator(ref);
      const person = await this.accounts.open(portal, await this.accounts.state(ref));
      if (person) await this.usernames.settle(ref, person.username);
      if (person?.externalId) await this.externalIds.settle(ref, person.externalId);
      if (person?.sso) await this.ssoSubjects.settle(ref, person.sso.subject);
      // of changes that were cut off
      for (const claims of [this.usernames, this.externalIds, this.ssoSubjects]) await claims.finishAll(ref);
      await this.directory.update(ref);
    });
    await this.notes.delete([portal, accountId]);
  }

  /** It is suspended, so another is left who can log in. */
  private async removeAdministrator({ portal, accountId }: AccountRef): Promise<void> {
    try {
      await this.portals.execute(portal, systemContext(), { type: 'RemoveAdministrator', accountId });
    } catch (error) {
      // of a restored portal in which it is the only one: it cannot log in all the same
      if (!(error instanceof Problem && error.code === 'last-administrator')) throw error;
    }
  }
}
