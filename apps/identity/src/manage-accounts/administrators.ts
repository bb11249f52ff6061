import type { Recorded } from '#libs/event-store/src/decision.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { type Context, withoutCommand } from '#libs/contracts/src/context.js';
import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/contracts/src/events/event.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Accounts } from '../registry/accounts.js';
import { Portals } from '../registry/portals.js';

/** Who may administer a portal (R04). Both answer with what other apps must have reached (R28). */
@Injectable()
export class Administrators {
  constructor(
    private readonly portals: Portals,
    private readonly accounts: Accounts,
  ) {}

  /** @throws Problem `malformed-request` the account is no Contributor */
  async appoint(ref: AccountRef, context: Context): Promise<Recorded> {
    const { portal, accountId } = ref;
    const suspended = (await this.accounts.get(ref)).suspendedAt !== null;
    const command = { type: 'AppointAdministrator', accountId, suspended } as const;
    const appointed = await this.portals.execute(portal, context, command);
    const { profile } = await this.accounts.get(ref);
    if (profile.type !== 'contributor') {
      // made a Power Reader at the same moment: whichever of the two comes last finds the other
      await this.remove(ref, withoutCommand(context));
      throw notAContributor();
    }
    await this.keepInStep(ref, context);
    return appointed;
  }

  /** @throws Problem `last-administrator` */
  remove({ portal, accountId }: AccountRef, context: Context): Promise<Recorded> {
    return this.portals.execute(portal, context, { type: 'RemoveAdministrator', accountId });
  }

  /** Administrators are no affair of a service. @throws Problem `forbidden` */
  async refuseService(ref: AccountRef, { kind }: Actor): Promise<void> {
    if (kind !== 'service' || !(await this.portals.isAdministrator(ref))) return;
    throw new Problem('forbidden', 'Service tokens cannot do this to administrators.');
  }

  /**
   * Suspends the account, if another administrator is left who can log in: the portal's stream decides first. `stays`: false if
   * it has become the last one meanwhile, and was resumed again.
   * @throws Problem `last-administrator`, `forbidden`
   */
  async suspend(ref: AccountRef, context: Context): Promise<{ suspended: Recorded; stays: boolean }> {
    const { portal, accountId } = ref;
    await this.refuseService(ref, context.actor);
    await this.portals.execute(portal, withoutCommand(context), { type: 'SuspendAdministrator', accountId });
    const suspended = await this.accounts.execute(ref, context, { type: 'Suspend' });
    return { suspended, stays: await this.keepInStep(ref, context) };
  }

  /**
   * The portal's stream says of an administrator what the account's own says, whichever of two changes at once comes last.
   * False: the account has meanwhile become the last administrator who can log in, and was resumed again.
   */
  async keepInStep(ref: AccountRef, context: Context): Promise<boolean> {
    const { portal, accountId } = ref;
    const by = withoutCommand(context);
    for (;;) {
      const { suspendedAt } = await this.accounts.get(ref);
      const type = suspendedAt === null ? 'ResumeAdministrator' : 'SuspendAdministrator';
      try {
        await this.portals.execute(portal, by, { type, accountId });
      } catch (error) {
        if (!(error instanceof Problem && error.code === 'last-administrator')) throw error;
        await this.accounts.execute(ref, by, { type: 'Resume' });
        return false;
      }
      if ((await this.accounts.get(ref)).suspendedAt === suspendedAt) return true;
    }
  }
}

export const notAContributor = () =>
  new Problem('malformed-request', 'Only Contributors can be administrators.', {
    errors: [{ field: 'admin', message: 'only Contributors can be administrators' }],
  });
