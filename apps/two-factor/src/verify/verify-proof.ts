import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { actingAsUser, type Context } from '#libs/contracts/src/context.js';
import { accepted, isRefusal } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { Attempts } from './attempts.js';
import type { TypedCode } from './code-reader.js';

export type ProofAnswer = { readonly required: false } | { readonly required: true; readonly authenticatorId: string };

interface ProofToVerify {
  readonly account: AccountRef;
  readonly sessionId: string;
  readonly typed: TypedCode;
  readonly context: Context;
}
/** The code of a re-authentication: needed while 2FA is active, and an attempt like any other (R14, R22). */
export class VerifyProof extends CommandOf<ProofToVerify, ProofAnswer> {}

@CommandHandler(VerifyProof)
export class VerifyProofHandler implements ICommandHandler<VerifyProof> {
  constructor(private readonly attempts: Attempts) {}

  async execute({ input: { account, sessionId, typed, context } }: VerifyProof): Promise<ProofAnswer> {
    const by = actingAsUser(context, account.accountId);
    const answer = await this.attempts.make(account, { purpose: 'proof', sessionId }, typed, by);
    // there was no challenge that could have ended: 2FA is not active
    if (isRefusal(answer) && answer.refused === 'challenge-ended') return { required: false };
    return { required: true, authenticatorId: accepted(answer).authenticatorId };
  }
}
