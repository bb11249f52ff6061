import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Account } from '#libs/contracts/src/http/identity.js';
import { type AccountRef, Accounts } from '../registry/accounts.js';
import { Descriptions } from '../registry/descriptions.js';

export class GetAccount extends Query<Account> {
  constructor(readonly account: AccountRef) {
    super();
  }
}

@QueryHandler(GetAccount)
export class GetAccountHandler implements IQueryHandler<GetAccount> {
  constructor(
    private readonly accounts: Accounts,
    private readonly descriptions: Descriptions,
  ) {}

  async execute({ account }: GetAccount): Promise<Account> {
    return this.descriptions.describe(await this.accounts.get(account));
  }
}
