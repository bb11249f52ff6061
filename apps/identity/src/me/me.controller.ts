import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { sessionCallerOf, sessionOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { GetAccount } from '../manage-accounts/get-account.js';
import { ChangePassword, ChangePasswordHandler } from './change-password.js';
import { LogOut, LogOutHandler } from './log-out.js';
import { ReAuthenticate, ReAuthenticateHandler } from './re-authenticate.js';

const { me, changePassword, reAuthenticate, logout } = identityEndpoints;

/** What carries these calls out. */
export const meHandlers = [ChangePasswordHandler, ReAuthenticateHandler, LogOutHandler];

/** What a person does with their own session and password. */
@Controller()
export class MeController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(me)
  async me(@In() { caller, context }: Input<typeof me>) {
    const { portal, accountId, enrolmentRequired } = sessionOf(caller);
    const account = await this.queries.execute(new GetAccount({ portal, accountId, context }));
    return { ...account, portal, ...(enrolmentRequired && { enrolmentRequired }) };
  }

  @Handle(changePassword)
  changePassword(@In() { body: passwords, caller, address, context }: Input<typeof changePassword>) {
    return this.commands.execute(new ChangePassword({ session: sessionOf(caller), passwords, address, context }));
  }

  @Handle(reAuthenticate)
  reAuthenticate(@In() { body: typed, caller, address, context }: Input<typeof reAuthenticate>) {
    const { session, tokenHash } = sessionCallerOf(caller);
    return this.commands.execute(new ReAuthenticate({ session, tokenHash, typed, address, context }));
  }

  @Handle(logout)
  logOut(@In() { caller, context }: Input<typeof logout>) {
    const { session, tokenHash } = sessionCallerOf(caller);
    return this.commands.execute(new LogOut({ session, tokenHash, context }));
  }
}
