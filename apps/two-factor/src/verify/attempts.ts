import { Injectable } from '@nestjs/common';
import type { Context } from '#libs/contracts/src/context.js';
import { isRefusal, type Refusal } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { SecondFactors } from '../change/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { type Attempt, type Evidence, type Passed, refuseUnread } from '../second-factor/attempts.js';
import { CodeReader, type TypedCode } from './code-reader.js';

/** The hot path: one attempt, one durable write. Counts how attempts end, at every entrance. */
@Injectable()
export class Attempts {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly codes: CodeReader,
    private readonly metrics: Metrics,
  ) {}

  async make(account: AccountRef, attempt: Attempt, typed: TypedCode, context: Context): Promise<Passed | Refusal> {
    // stays so for a command that was answered before
    let looked: Evidence['kind'] | undefined;
    const { answer } = await this.secondFactors.execute(account, context, async (state, now) => {
      const policy = await this.policy.of(account);
      const mayLook = refuseUnread(state, policy, attempt, now) === null;
      const evidence = mayLook ? await this.codes.read(account, state, typed, now) : { kind: 'unread' as const };
      looked = evidence.kind;
      return { type: 'Verify' as const, policy, attempt, evidence };
    });
    this.count(looked, answer, attempt);
    return answer;
  }

  /** Codes that are refused unread stand here and not in the log (R30). Malformed text is no attempt (R27). */
  private count(looked: Evidence['kind'] | undefined, answer: Passed | Refusal, { challenge }: Attempt): void {
    const outcome = isRefusal(answer) ? answer.refused : 'passed';
    if (looked === 'totp' || looked === 'backup-code') this.metrics.attempts.inc({ method: looked, outcome });
    // without a challenge that could have ended, no code was needed: nothing was refused
    const notNeeded = !challenge && outcome === 'challenge-ended';
    if (looked === 'unread' && !notNeeded) this.metrics.attemptsRefused.inc({ reason: outcome });
  }
}
