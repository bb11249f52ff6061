import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import type { CodeMethod } from '#libs/contracts/src/primitives.js';
import type { Origin } from '#libs/event-store/src/decision.js';
import { CodeReader, type TypedCode } from '../accounts/code-reader.js';
import { type AccountRef, SecondFactors } from '../accounts/second-factors.js';
import { ChallengeSealer } from '../challenge/sealed-challenge.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { type Attempt, refuseUnread } from '../second-factor/attempts.js';
import { problemOf, type Refusal, unwrap } from '../second-factor/errors.js';
import { AttemptOutcomes } from './attempt-outcomes.js';
import { fewLeft } from './few-left.js';

export interface ChallengePassed {
  readonly passed: true;
  readonly portal: string;
  readonly accountId: string;
  readonly method: CodeMethod;
  readonly secretId: string;
  readonly backupCodesLeft?: number;
  /** As identity gave it when the challenge was opened. */
  readonly sessionEpoch?: number;
}

export class VerifyChallenge extends Command<ChallengePassed> {
  constructor(
    readonly challenge: string,
    readonly purpose: ChallengePurpose,
    readonly typed: TypedCode,
    readonly correlationId?: string,
    /** Of a command that may be delivered again. */
    readonly command?: Origin['command'],
  ) {
    super();
  }
}

/** The hot path: one attempt, one durable write. */
@CommandHandler(VerifyChallenge)
export class VerifyChallengeHandler implements ICommandHandler<VerifyChallenge> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly codes: CodeReader,
    private readonly sealer: ChallengeSealer,
    private readonly outcomes: AttemptOutcomes,
  ) {}

  async execute({ challenge, purpose, typed, correlationId, command }: VerifyChallenge): Promise<ChallengePassed> {
    const opened = this.sealer.open(challenge);
    if (!opened || !samePurpose(opened.purpose, purpose)) {
      const ended: Refusal = { refused: 'challenge-ended' };
      this.outcomes.refusedUnread(ended);
      throw problemOf(ended);
    }
    const account: AccountRef = { portal: opened.portal, accountId: opened.account };
    const attempt: Attempt = { purpose: purpose.kind, challenge: opened };

    let unread: Refusal | null = null;
    const { answer } = await this.secondFactors.execute(
      account,
      originOf(account, purpose, correlationId, command),
      async (state, now) => {
        const policy = await this.policy.of(account);
        unread = refuseUnread(state, policy, attempt, now);
        if (unread) return unread;
        const evidence = await this.codes.read(account, state, typed, now);
        return { type: 'Verify' as const, policy, attempt, evidence };
      },
    );
    if (unread) this.outcomes.refusedUnread(unread);
    else this.outcomes.lookedAt(typed, answer);
    const { method, secretId, backupCodesLeft } = unwrap(answer);
    return {
      passed: true,
      ...account,
      method,
      secretId,
      ...fewLeft(backupCodesLeft),
      ...sessionEpochOf(opened.purpose),
    };
  }
}

const sessionEpochOf = (purpose: ChallengePurpose): { sessionEpoch?: number } =>
  purpose.kind === 'login' && purpose.sessionEpoch !== undefined ? { sessionEpoch: purpose.sessionEpoch } : {};

/** A gateway's challenge passes only at that gateway's check, never as a login (R21). */
function samePurpose(opened: ChallengePurpose, asked: ChallengePurpose): boolean {
  if (opened.kind === 'login' || asked.kind === 'login') return opened.kind === asked.kind;
  return opened.serviceId === asked.serviceId && opened.portal === asked.portal;
}

const originOf = (
  { accountId }: AccountRef,
  purpose: ChallengePurpose,
  correlationId?: string,
  command?: Origin['command'],
): Origin => ({
  actor: purpose.kind === 'login' ? { kind: 'user', id: accountId } : { kind: 'service', id: purpose.serviceId },
  ...(correlationId !== undefined && { correlationId }),
  ...(command && { command }),
});
