import type { AccountRef } from '#libs/contracts/src/stream.js';
import { QueryOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { Account } from '#libs/contracts/src/http/identity.js';
import { Accounts } from '../registry/accounts.js';
import { Administrators } from './administrators.js';
import { Descriptions } from '../registry/descriptions.js';

export class GetAccount extends QueryOf<AccountRef & { readonly context: Context }, Account> {}

@QueryHandler(GetAccount)
export class GetAccountHandler implements IQueryHandler<GetAccount> {
  constructor(
    private readonly accounts: Accounts,
    private readonly administrators: Administrators,
    private readonly descriptions: Descriptions,
  ) {}

  async execute({ input: { context, ...account } }: GetAccount): Promise<Account> {
    const known = await this.accounts.get(account);
    await this.administrators.refuseService(account, context.actor);
    return this.descriptions.describe(known, context);
  }
}
