import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import { Effects, type StreamPoint } from '#libs/messaging/src/adopting/adoptions.js';
import { NewAccount } from '../manage-accounts/new-account.js';
import { type AccountRef, Accounts } from '../registry/accounts.js';
import { Portals } from '../registry/portals.js';
import { Usernames } from '../registry/usernames.js';

export class CreatePortal extends Command<{ readonly id: string }> {
  constructor(
    readonly id: string,
    readonly admin: { readonly username: string; readonly password: string },
    readonly origin: Origin,
  ) {
    super();
  }
}

/** `PortalCreated` is the first event of every portal's stream. */
const CREATED = 1;

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

  async execute({ id: portal, admin, origin }: CreatePortal): Promise<{ readonly id: string }> {
    const ref = { portal, accountId: await this.administratorOf(portal, origin) };
    const registered = await this.makeAdministrator(ref, admin, origin);
    const created: StreamPoint = { source: 'identity', stream: portal, version: CREATED };
    await Promise.all([
      this.effects.reached(['two-factor', 'admin-policy'], created),
      this.effects.reached(['two-factor'], registered),
    ]);
    return { id: portal };
  }

  private async makeAdministrator(ref: AccountRef, admin: CreatePortal['admin'], origin: Origin): Promise<StreamPoint> {
    try {
      await this.usernames.reserve(ref, admin.username);
      return await this.newAccount.make(ref, { ...admin, type: 'contributor' }, origin);
    } catch (error) {
      // somebody else was first to make the same portal
      if (error instanceof Problem && error.code === 'username-taken') throw exists();
      throw error;
    }
  }

  /** Of a new portal, or of one whose administrator was never made. @throws Problem `portal-exists` */
  private async administratorOf(portal: string, origin: Origin): Promise<string> {
    const administrator = randomUUID();
    try {
      await this.portals.execute(portal, origin, { type: 'Create', administrator });
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
