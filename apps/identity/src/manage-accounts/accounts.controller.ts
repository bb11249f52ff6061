import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import { actorOf, type Caller } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ChangeAccount } from './change-account.js';
import { GetAccount } from './get-account.js';
import { IssueLoginToken } from './issue-login-token.js';
import { ListAccounts } from './list-accounts.js';
import { RegisterAccount } from './register-account.js';

/** For administrators: the accounts of their portal. */
@Controller()
export class AccountsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(identityEndpoints.registerAccount)
  register(
    @In() { params, body: { admin = false, ...account }, ...from }: Input<typeof identityEndpoints.registerAccount>,
  ): Promise<ReplyOf<typeof identityEndpoints.registerAccount>> {
    return this.commands.execute(new RegisterAccount(params.portal, account, admin, originOf(from)));
  }

  @Handle(identityEndpoints.listAccounts)
  list(
    @In() { params, query }: Input<typeof identityEndpoints.listAccounts>,
  ): Promise<ReplyOf<typeof identityEndpoints.listAccounts>> {
    return this.queries.execute(new ListAccounts(params.portal, query));
  }

  @Handle(identityEndpoints.getAccount)
  get(
    @In() { params }: Input<typeof identityEndpoints.getAccount>,
  ): Promise<ReplyOf<typeof identityEndpoints.getAccount>> {
    return this.queries.execute(new GetAccount(refOf(params)));
  }

  @Handle(identityEndpoints.changeAccount)
  change(
    @In() { params, body, ...from }: Input<typeof identityEndpoints.changeAccount>,
  ): Promise<ReplyOf<typeof identityEndpoints.changeAccount>> {
    return this.commands.execute(new ChangeAccount(refOf(params), body, originOf(from)));
  }

  @Handle(identityEndpoints.issueLoginToken)
  issueLoginToken(
    @In() { params, ...from }: Input<typeof identityEndpoints.issueLoginToken>,
  ): Promise<ReplyOf<typeof identityEndpoints.issueLoginToken>> {
    return this.commands.execute(new IssueLoginToken(refOf(params), originOf(from)));
  }
}

const refOf = ({ portal, account }: { portal: string; account: string }) => ({ portal, accountId: account });
const originOf = ({ caller, correlationId }: { caller: Caller; correlationId: string }): Origin => ({
  actor: actorOf(caller, 'administrator'),
  correlationId,
});
