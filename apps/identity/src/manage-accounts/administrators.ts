import { Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import type { StreamPoint } from '#libs/messaging/src/adopting/adoptions.js';
import { type AccountRef, Accounts } from '../registry/accounts.js';
import { Portals } from '../registry/portals.js';

/** Who may administer a portal (R04). Both answer with the point that other apps must have reached (R28). */
@Injectable()
export class Administrators {
  constructor(
    private readonly portals: Portals,
    private readonly accounts: Accounts,
  ) {}

  /** @throws Problem `malformed-request` the account is no Contributor */
  async appoint(ref: AccountRef, origin: Origin): Promise<StreamPoint> {
    const { portal, accountId } = ref;
    const appointed = await this.portals.execute(portal, origin, { type: 'AppointAdministrator', accountId });
    const { profile } = await this.accounts.get(ref);
    if (profile.type === 'contributor') return appointed;
    // made a Power Reader at the same moment: whichever of the two comes last finds the other
    await this.remove(ref, origin);
    throw notAContributor();
  }

  /** @throws Problem `last-administrator` */
  remove({ portal, accountId }: AccountRef, origin: Origin): Promise<StreamPoint> {
    return this.portals.execute(portal, origin, { type: 'RemoveAdministrator', accountId });
  }
}

export const notAContributor = () =>
  new Problem('malformed-request', 'Only Contributors can be administrators.', {
    errors: [{ field: 'admin', message: 'only Contributors can be administrators' }],
  });
