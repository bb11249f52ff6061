import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Problem } from '#libs/contracts/src/problems.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { NewAccount } from '../manage-accounts/new-account.js';
import { Accounts } from '../registry/accounts.js';
import { Portals } from '../registry/portals.js';
import { Usernames } from '../registry/usernames.js';

interface PortalToCreate {
  readonly id: string;
  readonly admin: { readonly username: string; readonly password: string };
  readonly context: Context;
}
export class CreatePortal extends CommandOf<PortalToCreate, { readonly id: string }> {}

/** The portal comes first, then its administrator; a crash in between is healed by the same call again. */
@CommandHandler(CreatePortal)
export class CreatePortalHandler implements ICommandHandler<CreatePortal> {
  constructor(
    private readonly portals: Portals,
    private readonly accounts: Accounts,
    private readonly usernames: Usernames,
    private readonly newAccount: NewAccount,
    private readonly effects: Effects,
  ) {}

  async execute({ input: { id: portal, admin, context } }: CreatePortal): Promise<{ readonly id: string }> {
    const ref = { portal, accountId: await this.administratorOf(portal, context) };
    const registered = await this.makeAdministrator(ref, admin, context);
    await Promise.all([
      this.effects.reached(['two-factor', 'admin-policy'], await this.portals.recorded(portal), context),
      this.effects.reached(['two-factor'], registered, context),
    ]);
    return { id: portal };
  }

  private async makeAdministrator(
    ref: AccountRef,
    admin: PortalToCreate['admin'],
    context: Context,
  ): Promise<Recorded> {
    try {
      // the same call again may ask for another name
      const mine = await this.usernames.note(ref, admin.username);
      await this.usernames.reserve(ref, admin.username);
      const registered = await this.newAccount.make(ref, { ...admin, type: 'contributor' }, context);
      await this.usernames.settle(ref, admin.username, mine);
      return registered;
    } catch (error) {
      // somebody else was first to make the same portal
      if (error instanceof Problem && error.code === 'username-taken') throw exists();
      throw error;
    }
  }

  /** Of a new portal, or of one whose administrator was never made. @throws Problem `portal-exists` */
  private async administratorOf(portal: string, context: Context): Promise<string> {
    const administrator = randomUUID();
    try {
      await this.portals.execute(portal, context, { type: 'Create', administrator });
      return administrator;
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'portal-exists')) throw error;
      const [first] = (await this.portals.state(portal)).administrators;
      if (first === undefined || (await this.accounts.find({ portal, accountId: first }))) throw error;
      return first;
    }
  }
}

const exists = () => new Problem('portal-exists', 'A portal with this id already exists.');
