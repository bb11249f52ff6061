import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Origin } from '#libs/event-store/src/decision.js';
import { CodeReader, type TypedCode } from '../accounts/code-reader.js';
import { type AccountRef, SecondFactors } from '../accounts/second-factors.js';
import { PolicyFacts } from '../policy/policy-facts.js';
import { type Attempt, refuseUnread } from '../second-factor/attempts.js';
import { isRefusal, type Refusal, unwrap } from '../second-factor/errors.js';
import { isActive } from '../second-factor/policy.js';
import { AttemptOutcomes } from './attempt-outcomes.js';

export type ProofAnswer = { readonly required: false } | { readonly required: true; readonly secretId: string };

export class VerifyProof extends Command<ProofAnswer> {
  constructor(
    readonly account: AccountRef,
    readonly sessionId: string,
    readonly typed: TypedCode,
    /** Of a request that may be delivered again. */
    readonly command?: Origin['command'],
  ) {
    super();
  }
}

/** The code of a re-authentication: needed while 2FA is active, and an attempt like any other (R14, R22). */
@CommandHandler(VerifyProof)
export class VerifyProofHandler implements ICommandHandler<VerifyProof> {
  constructor(
    private readonly secondFactors: SecondFactors,
    private readonly policy: PolicyFacts,
    private readonly codes: CodeReader,
    private readonly outcomes: AttemptOutcomes,
  ) {}

  async execute({ account, sessionId, typed, command }: VerifyProof): Promise<ProofAnswer> {
    const attempt: Attempt = { purpose: 'proof', sessionId };
    const given = typed.code !== undefined || typed.backupCode !== undefined;
    let required = true;
    let unread: Refusal | null = null;
    const origin: Origin = { actor: { kind: 'user', id: account.accountId }, ...(command && { command }) };
    const { answer } = await this.secondFactors.execute(account, origin, async (state, now) => {
      const policy = await this.policy.of(account);
      required = state.locked || isActive(state, policy);
      unread = refuseUnread(state, policy, attempt, now);
      if (unread) return unread;
      if (!given) return { refused: 're-authentication-required', needs: ['code'] };
      const evidence = await this.codes.read(account, state, typed, now);
      return { type: 'Verify' as const, policy, attempt, evidence };
    });
    if (!required && isRefusal(answer)) return { required: false };
    if (unread) this.outcomes.refusedUnread(unread);
    else if (given) this.outcomes.lookedAt(typed, answer);
    return { required: true, secretId: unwrap(answer).secretId };
  }
}
