import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { sessionCallerOf, sessionOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { GetAccount } from '../manage-accounts/get-account.js';
import { ChangePassword } from './change-password.js';
import { LogOut } from './log-out.js';
import { ReAuthenticate } from './re-authenticate.js';

/** What a person does with their own session and password. */
@Controller()
export class MeController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(identityEndpoints.me)
  async me(@In() { caller }: Input<typeof identityEndpoints.me>): Promise<ReplyOf<typeof identityEndpoints.me>> {
    const session = sessionOf(caller);
    return { ...(await this.queries.execute(new GetAccount(session))), portal: session.portal };
  }

  @Handle(identityEndpoints.changePassword)
  changePassword(
    @In() { body, caller, address, correlationId }: Input<typeof identityEndpoints.changePassword>,
  ): Promise<void> {
    return this.commands.execute(new ChangePassword(sessionOf(caller), body, address, correlationId));
  }

  @Handle(identityEndpoints.reAuthenticate)
  reAuthenticate(
    @In() { body, caller, address, correlationId }: Input<typeof identityEndpoints.reAuthenticate>,
  ): Promise<ReplyOf<typeof identityEndpoints.reAuthenticate>> {
    const { session, tokenHash } = sessionCallerOf(caller);
    return this.commands.execute(new ReAuthenticate(session, tokenHash, body, address, correlationId));
  }

  @Handle(identityEndpoints.logout)
  logOut(@In() { caller, correlationId }: Input<typeof identityEndpoints.logout>): Promise<void> {
    const { session, tokenHash } = sessionCallerOf(caller);
    return this.commands.execute(new LogOut(session, tokenHash, correlationId));
  }
}
