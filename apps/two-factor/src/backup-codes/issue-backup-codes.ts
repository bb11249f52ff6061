import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type OwnChange, originOf } from '../accounts/own-change.js';
import { SecondFactors } from '../accounts/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { unwrap } from '../second-factor/errors.js';
import { newBackupCodeSet } from './new-set.js';

/** A new set of backup codes; the old one ends (R10). */
export class IssueBackupCodes extends Command<readonly string[]> {
  constructor(readonly by: OwnChange) {
    super();
  }
}

@CommandHandler(IssueBackupCodes)
export class IssueBackupCodesHandler implements ICommandHandler<IssueBackupCodes> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
  ) {}

  async execute({ by }: IssueBackupCodes): Promise<readonly string[]> {
    const { account, proof } = by;
    const setId = randomUUID();
    const { codes, hashes } = newBackupCodeSet(setId);
    const { answer } = await this.secondFactors.execute(
      account,
      originOf(by),
      async () => ({ type: 'IssueBackupCodes' as const, policy: await this.policy.of(account), proof, setId }),
      { [setId]: hashes },
    );
    unwrap(answer);
    return codes;
  }
}
