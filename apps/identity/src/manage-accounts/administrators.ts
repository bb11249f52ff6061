import type { Recorded } from '#libs/event-store/src/decision.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { type Context, withoutCommand } from '#libs/contracts/src/context.js';
import { Injectable } from '@nestjs/common';
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
    const appointed = await this.portals.execute(portal, context, { type: 'AppointAdministrator', accountId });
    const { profile } = await this.accounts.get(ref);
    if (profile.type === 'contributor') return appointed;
    // made a Power Reader at the same moment: whichever of the two comes last finds the other
    await this.remove(ref, withoutCommand(context));
    throw notAContributor();
  }

  /** @throws Problem `last-administrator` */
  remove({ portal, accountId }: AccountRef, context: Context): Promise<Recorded> {
    return this.portals.execute(portal, context, { type: 'RemoveAdministrator', accountId });
  }
}

export const notAContributor = () =>
  new Problem('malformed-request', 'Only Contributors can be administrators.', {
    errors: [{ field: 'admin', message: 'only Contributors can be administrators' }],
  });
