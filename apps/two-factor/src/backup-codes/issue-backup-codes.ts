import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { accepted } from '#libs/contracts/src/problems.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { OwnChange } from '../change/own-change.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { newBackupCodeSet } from './new-set.js';

/** A new set of backup codes; the old one ends (R10). */
export class IssueBackupCodes extends CommandOf<OwnChange, string[]> {}

@CommandHandler(IssueBackupCodes)
export class IssueBackupCodesHandler implements ICommandHandler<IssueBackupCodes> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
  ) {}

  async execute({ input: { account, proof, context } }: IssueBackupCodes): Promise<string[]> {
    const setId = randomUUID();
    const { codes, hashes } = newBackupCodeSet(setId);
    const { answer } = await this.secondFactors.execute(
      account,
      context,
      async () => ({ type: 'IssueBackupCodes' as const, policy: await this.policy.of(account), proof, setId }),
      { [setId]: hashes },
    );
    accepted(answer);
    return codes;
  }
}
