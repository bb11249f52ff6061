import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import type { ChallengePurpose } from '#libs/contracts/src/messages/requests.js';
import type { CodeMethod } from '#libs/contracts/src/primitives.js';
import { accepted, Problem } from '#libs/contracts/src/problems.js';
import { backupCodes } from '#libs/contracts/src/limits.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { ChallengeSealer } from '../challenge/sealed-challenge.js';
import { Attempts } from './attempts.js';
import type { TypedCode } from './code-reader.js';

export interface ChallengePassed {
  readonly passed: true;
  readonly portal: string;
  readonly accountId: string;
  readonly method: CodeMethod;
  readonly authenticatorId: string;
  readonly challengeId: string;
  readonly browserEpoch: number;
  /** Only when few are left (R10). */
  readonly backupCodesLeft?: number;
  /** As identity gave it when the challenge was opened. */
  readonly sessionEpoch?: number;
}

interface ChallengeToVerify {
  readonly challenge: string;
  readonly purpose: ChallengePurpose;
  readonly typed: TypedCode;
  readonly context: Context;
}
export class VerifyChallenge extends CommandOf<ChallengeToVerify, ChallengePassed> {}

@CommandHandler(VerifyChallenge)
export class VerifyChallengeHandler implements ICommandHandler<VerifyChallenge> {
  constructor(
    private readonly attempts: Attempts,
    private readonly sealer: ChallengeSealer,
    private readonly metrics: Metrics,
  ) {}

  async execute({ input: { challenge, purpose, typed, context } }: VerifyChallenge): Promise<ChallengePassed> {
    const opened = this.sealer.open(challenge);
    if (!opened || !samePurpose(opened.purpose, purpose)) {
      this.metrics.attemptsRefused.inc({ reason: 'challenge-ended' });
      throw Problem.answer('challenge-ended');
    }
    const account = { portal: opened.portal, accountId: opened.account };
    const { client } = opened;
    // else it is the gateway's own connection that was seen
    const by: Context = {
      challengeId: opened.id,
      ...context,
      actor: purpose.kind === 'login' ? { kind: 'user', id: opened.account } : context.actor,
      client: client ? { ...client, toldBy: 'gateway' } : context.client,
    };
    const answer = await this.attempts.make(account, { purpose: purpose.kind, challenge: opened }, typed, by);
    const { method, authenticatorId, backupCodesLeft, browserEpoch } = accepted(answer);
    return {
      passed: true,
      ...account,
      method,
      authenticatorId,
      challengeId: opened.id,
      browserEpoch,
      ...(backupCodesLeft <= backupCodes.few && { backupCodesLeft }),
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
