import { Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { ReplyOf } from '#libs/contracts/src/http/endpoint.js';
import { twoFactorEndpoints } from '#libs/contracts/src/http/two-factor.js';
import { Handle, In, type Input } from '#libs/platform/src/http/handle.js';
import { ownChange } from '../accounts/own-change.js';
import { IssueBackupCodes } from './issue-backup-codes.js';

@Controller()
export class BackupCodesController {
  constructor(private readonly commands: CommandBus) {}

  @Handle(twoFactorEndpoints.issueBackupCodes)
  async issue(
    @In() input: Input<typeof twoFactorEndpoints.issueBackupCodes>,
  ): Promise<ReplyOf<typeof twoFactorEndpoints.issueBackupCodes>> {
    return { backupCodes: [...(await this.commands.execute(new IssueBackupCodes(ownChange(input))))] };
  }
}
