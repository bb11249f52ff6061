import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ownChange } from '../change/own-change.js';
import { IssueBackupCodes } from './issue-backup-codes.js';

const { issueBackupCodes } = twoFactorEndpoints;

@Controller()
export class BackupCodesController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(issueBackupCodes)
  async issue(@In() input: Input<typeof issueBackupCodes>) {
    return { backupCodes: await this.commands.execute(new IssueBackupCodes(ownChange(input))) };
  }
}
