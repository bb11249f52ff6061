import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { accepted, Problem } from '#libs/contracts/src/problems.js';
import type { Recorded } from '#libs/event-store/src/decision.js';
import { Effects } from '#libs/messaging/src/adopting/adoptions.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { AuthenticatorNames } from '../authenticators/names.js';
import { newBackupCodeSet } from '../backup-codes/new-set.js';
import type { OwnChange } from '../change/own-change.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { refuseConfirmationUnread } from '../second-factor/decide.js';
import { pendingSetup } from '../second-factor/state.js';
import { CodeReader } from '../verify/code-reader.js';

interface Confirmation extends OwnChange {
  /** Also of one more authenticator, else of the first alone. */
  readonly more: boolean;
  readonly code: string;
  /** The setup that the code is meant for; undefined: whichever is pending. */
  readonly setupId: string | undefined;
}
/**
 * The user proves by a code that an authenticator holds the secret. With the first one 2FA is active from here (R06), and the
 * answer has the backup codes (R10); with one more there is nothing to show.
 */
export class Confirm extends CommandOf<Confirmation, string[] | undefined> {}

@CommandHandler(Confirm)
export class ConfirmHandler implements ICommandHandler<Confirm> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly codes: CodeReader,
    private readonly names: AuthenticatorNames,
    private readonly effects: Effects,
  ) {}

  async execute({ input }: Confirm): Promise<string[] | undefined> {
    const { code, setupId, more, account, proof, context } = input;
    let isFirst = true;
    const setId = randomUUID();
    const { codes, hashes } = newBackupCodeSet(setId);
    const { answer, recorded } = await this.secondFactors.execute(
      account,
      context,
      async (state, now) => {
        const policy = await this.policy.of(account);
        const asked = { type: 'Confirm' as const, policy, proof, more, setupId, setId };
        const setup = pendingSetup(state);
        if (!setup || refuseConfirmationUnread(asked, state, now)) return { ...asked, evidence: { kind: 'unread' } };
        isFirst = state.enrolment.status !== 'enabled';
        const [evidence, [name]] = await Promise.all([
          this.codes.readSetup(account, setup, code, now),
          this.names.open(account.portal, [isFirst ? null : setup.name]),
        ]);
        return { ...asked, evidence, name };
      },
      { [setId]: hashes },
    );
    accepted(answer);
    if (isFirst) await this.limitsEnd(recorded, context);
    return isFirst ? codes : undefined;
  }

  /**
   * Once identity has adopted the event, the session can do everything, and others that could only set up 2FA have ended (R37).
   * If that takes long, it is so a moment after the answer.
   */
  private async limitsEnd(recorded: Recorded, context: Context): Promise<void> {
    try {
      await this.effects.reached(['identity'], recorded, context);
    } catch (error) {
      // the backup codes of this answer are shown nowhere else
      if (!(error instanceof Problem)) throw error;
    }
  }
}
