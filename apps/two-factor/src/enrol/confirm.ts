import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CodeReader } from '../accounts/code-reader.js';
import { type OwnChange, originOf } from '../accounts/own-change.js';
import { SecondFactors } from '../accounts/second-factors.js';
import { newBackupCodeSet } from '../backup-codes/new-set.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { refuseConfirmationUnread } from '../second-factor/decide.js';
import { unwrap } from '../second-factor/errors.js';

/** The user proves by a code that an authenticator holds the secret; 2FA is active from here (R06). Answers with the backup codes (R10). */
export class Confirm extends Command<readonly string[]> {
  constructor(
    readonly code: string,
    /** The setup that the code is meant for; undefined: whichever is pending. */
    readonly setupId: string | undefined,
    readonly by: OwnChange,
  ) {
    super();
  }
}

@CommandHandler(Confirm)
export class ConfirmHandler implements ICommandHandler<Confirm> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly codes: CodeReader,
  ) {}

  async execute({ code, setupId, by }: Confirm): Promise<readonly string[]> {
    const { account, proof } = by;
    const setId = randomUUID();
    const { codes, hashes } = newBackupCodeSet(setId);
    const { answer } = await this.secondFactors.execute(
      account,
      originOf(by),
      async (state, now) => {
        const policy = await this.policy.of(account);
        const unread = refuseConfirmationUnread({ policy, proof, setupId }, state, now);
        if (unread) return unread;
        const evidence = await this.codes.read(account, state, { code }, now);
        return { type: 'Confirm' as const, policy, proof, setupId, evidence, setId };
      },
      { [setId]: hashes },
    );
    unwrap(answer);
    return codes;
  }
}
