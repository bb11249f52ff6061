import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { accepted } from '#libs/contracts/src/problems.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { newBackupCodeSet } from '../backup-codes/new-set.js';
import type { OwnChange } from '../change/own-change.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { refuseConfirmationUnread } from '../second-factor/decide.js';
import { CodeReader } from '../verify/code-reader.js';

interface Confirmation extends OwnChange {
  readonly code: string;
  /** The setup that the code is meant for; undefined: whichever is pending. */
  readonly setupId: string | undefined;
}
/** The user proves by a code that an authenticator holds the secret; 2FA is active from here (R06). Answers with the backup codes (R10). */
export class Confirm extends CommandOf<Confirmation, string[]> {}

@CommandHandler(Confirm)
export class ConfirmHandler implements ICommandHandler<Confirm> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly codes: CodeReader,
  ) {}

  async execute({ input: { code, setupId, account, proof, context } }: Confirm): Promise<string[]> {
    const setId = randomUUID();
    const { codes, hashes } = newBackupCodeSet(setId);
    const { answer } = await this.secondFactors.execute(
      account,
      context,
      async (state, now) => {
        const policy = await this.policy.of(account);
        const mayLook = refuseConfirmationUnread({ policy, proof, setupId }, state, now) === null;
        const evidence = mayLook ? await this.codes.read(account, state, { code }, now) : { kind: 'unread' as const };
        return { type: 'Confirm' as const, policy, proof, setupId, evidence, setId };
      },
      { [setId]: hashes },
    );
    accepted(answer);
    return codes;
  }
}
