import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { sessionOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ownChange } from '../change/own-change.js';
import { Confirm } from '../enrol/confirm.js';
import { IssueSecret } from '../enrol/issue-secret.js';
import { ListAuthenticators, ListAuthenticatorsHandler } from './list.js';
import { RemoveAuthenticator, RemoveAuthenticatorHandler } from './remove.js';
import { RenameAuthenticator, RenameAuthenticatorHandler } from './rename.js';

const { myAuthenticators, addTotp, confirmTotp, renameAuthenticator, removeAuthenticator } = twoFactorEndpoints;

/** What carries these calls out, beside what setting up has. */
export const authenticatorHandlers = [
  ListAuthenticatorsHandler,
  RenameAuthenticatorHandler,
  RemoveAuthenticatorHandler,
];

/** What people do with each of their authenticators (R45): HTTP with a session, no message on the bus (R07). */
@Controller()
export class AuthenticatorsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(myAuthenticators)
  async mine(@In() { caller }: Input<typeof myAuthenticators>) {
    return { authenticators: await this.queries.execute(new ListAuthenticators(sessionOf(caller))) };
  }

  @Handle(addTotp)
  add(@In() input: Input<typeof addTotp>) {
    return this.commands.execute(new IssueSecret({ reason: 'AddTotp', name: input.body.name, ...ownChange(input) }));
  }

  @Handle(confirmTotp)
  async confirm(@In() input: Input<typeof confirmTotp>) {
    const { code, setupId } = input.body;
    const backupCodes = await this.commands.execute(new Confirm({ code, setupId, more: true, ...ownChange(input) }));
    return { status: 'enabled' as const, ...(backupCodes && { backupCodes }) };
  }

  @Handle(renameAuthenticator)
  rename(@In() input: Input<typeof renameAuthenticator>) {
    const { authenticatorId } = input.params;
    const { account, context } = ownChange(input);
    return this.commands.execute(new RenameAuthenticator({ authenticatorId, name: input.body.name, account, context }));
  }

  @Handle(removeAuthenticator)
  async remove(@In() input: Input<typeof removeAuthenticator>) {
    const { authenticatorId } = input.params;
    await this.commands.execute(new RemoveAuthenticator({ authenticatorId, ...ownChange(input) }));
  }
}
