import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Session, twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { PROOF_LASTS_MS } from '#libs/contracts/src/limits.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import type { TypedCode } from '../login/login-with-code.js';
import { PasswordCheck } from '../passwords/password-check.js';
import { SessionChanges } from '../sessions/session-changes.js';

export interface TypedProof extends TypedCode {
  readonly password: string;
}

interface ProofToRenew {
  readonly session: Session;
  readonly tokenHash: string;
  readonly typed: TypedProof;
  readonly address: string;
  readonly context: Context;
}
export class ReAuthenticate extends CommandOf<ProofToRenew, { readonly expiresAt: string }> {}

/** The password first; the code, an attempt like any other, is looked at only when the password is right (R14, R22). */
@CommandHandler(ReAuthenticate)
export class ReAuthenticateHandler implements ICommandHandler<ReAuthenticate> {
  constructor(
    private readonly passwords: PasswordCheck,
    private readonly requests: Requests,
    private readonly changes: SessionChanges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input: { session, tokenHash, typed, address, context } }: ReAuthenticate) {
    const { portal, accountId, sessionId, username } = session;
    const { password, ...code } = typed;
    const reason = 'wrong-password-at-re-authentication';
    await this.passwords.check({ address, portal, username, password }, reason, context);
    const passwordAt = this.clock();

    const payload = { portal, accountId, sessionId, ...code };
    const checked = await this.requests.send(twoFactorRequests.verifyProof, payload, context);
    const authenticatorId = checked.required ? checked.authenticatorId : session.proof.authenticatorId;

    const proof = { passwordAt, authenticatorId };
    const change = { kind: 're-authentication' as const, secondFactor: checked.required, proof };
    await this.changes.make({ ...session, tokenHash }, change, context);
    return { expiresAt: new Date(passwordAt + PROOF_LASTS_MS).toISOString() };
  }
}
