import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { identityEndpoints } from '#libs/contracts/src/http/identity.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ChangeAccount, ChangeAccountHandler } from './change-account.js';
import { GetAccount, GetAccountHandler } from './get-account.js';
import { IssueLoginToken, IssueLoginTokenHandler } from './issue-login-token.js';
import { ListAccounts, ListAccountsHandler } from './list-accounts.js';
import { RegisterAccount, RegisterAccountHandler } from './register-account.js';
import { SummariseTwoFactor, SummariseTwoFactorHandler } from './summarise-two-factor.js';
import { RegisterBatch, RegisterBatchHandler } from './register-batch.js';

const {
  registerAccount,
  registerBatch,
  listAccounts,
  getTwoFactorSummary,
  getAccount,
  changeAccount,
  issueLoginToken,
} = identityEndpoints;

/** What carries these calls out. */
export const accountsHandlers = [
  RegisterAccountHandler,
  RegisterBatchHandler,
  ListAccountsHandler,
  SummariseTwoFactorHandler,
  GetAccountHandler,
  ChangeAccountHandler,
  IssueLoginTokenHandler,
];

/** For administrators: the accounts of their portal. */
@Controller()
export class AccountsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(registerAccount)
  register(@In() { params: { portal }, body: { admin = false, ...account }, context }: Input<typeof registerAccount>) {
    return this.commands.execute(new RegisterAccount({ portal, account, admin, context }));
  }

  @Handle(registerBatch)
  async registerBatch(@In() { params: { portal }, body: { accounts }, context }: Input<typeof registerBatch>) {
    return { results: await this.commands.execute(new RegisterBatch({ portal, accounts, context })) };
  }

  @Handle(listAccounts)
  list(@In() { params: { portal }, query, context }: Input<typeof listAccounts>) {
    const { id: ids, status, twoFactor, type, required, ...page } = query;
    const filter = { status, twoFactor, type, required };
    return this.queries.execute(new ListAccounts({ portal, page: { ids, filter, ...page }, context }));
  }

  @Handle(getTwoFactorSummary)
  summarise(@In() { params }: Input<typeof getTwoFactorSummary>) {
    return this.queries.execute(new SummariseTwoFactor(params));
  }

  @Handle(getAccount)
  get(@In() { params, context }: Input<typeof getAccount>) {
    return this.queries.execute(new GetAccount({ ...refOf(params), context }));
  }

  @Handle(changeAccount)
  change(@In() { params, body: changes, context }: Input<typeof changeAccount>) {
    return this.commands.execute(new ChangeAccount({ account: refOf(params), changes, context }));
  }

  @Handle(issueLoginToken)
  issueLoginToken(@In() { params, context }: Input<typeof issueLoginToken>) {
    return this.commands.execute(new IssueLoginToken({ account: refOf(params), context }));
  }
}

const refOf = ({ portal, account }: { portal: string; account: string }) => ({ portal, accountId: account });
