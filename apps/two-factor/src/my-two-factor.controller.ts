import { Controller } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { sessionOf } from '#libs/platform/src/auth/caller.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { IssueBackupCodes, IssueBackupCodesHandler } from './backup-codes/issue-backup-codes.js';
import { ownChange } from './change/own-change.js';
import { DisableMine, DisableMineHandler } from './disable/disable-mine.js';
import { Confirm, ConfirmHandler } from './enrol/confirm.js';
import { IssueSecret, IssueSecretHandler } from './enrol/issue-secret.js';
import { DescribeMine, DescribeMineHandler } from './status/describe.js';

const { myTwoFactor, setUp, confirm, reset, issueBackupCodes, disableMine } = twoFactorEndpoints;

/** What carries these calls out. */
export const myTwoFactorHandlers = [
  DescribeMineHandler,
  IssueSecretHandler,
  ConfirmHandler,
  IssueBackupCodesHandler,
  DisableMineHandler,
];

/** What people do with their own second factor: HTTP with a session, no message on the bus (R07). */
@Controller()
export class MyTwoFactorController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Handle(myTwoFactor)
  mine(@In() { caller }: Input<typeof myTwoFactor>) {
    return this.queries.execute(new DescribeMine(sessionOf(caller)));
  }

  @Handle(setUp)
  setUp(@In() input: Input<typeof setUp>) {
    return this.commands.execute(new IssueSecret({ reason: 'SetUp', ...ownChange(input) }));
  }

  @Handle(confirm)
  async confirm(@In() input: Input<typeof confirm>) {
    const { code, setupId } = input.body;
    const confirmation = new Confirm({ code, setupId, more: false, ...ownChange(input) });
    const backupCodes = await this.commands.execute(confirmation);
    return { status: 'enabled' as const, backupCodes: backupCodes! };
  }

  @Handle(reset)
  async reset(@In() input: Input<typeof reset>) {
    const key = await this.commands.execute(new IssueSecret({ reason: 'Reset', ...ownChange(input) }));
    return { ...key, status: 'pending' as const };
  }

  @Handle(issueBackupCodes)
  async issueBackupCodes(@In() input: Input<typeof issueBackupCodes>) {
    return { backupCodes: await this.commands.execute(new IssueBackupCodes(ownChange(input))) };
  }

  @Handle(disableMine)
  async disable(@In() input: Input<typeof disableMine>) {
    await this.commands.execute(new DisableMine(ownChange(input)));
    return { status: 'none' as const };
  }
}
