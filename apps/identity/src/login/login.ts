import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { PasswordCheck, type TypedPassword } from '../passwords/password-check.js';
import { type IssuedInGrace, SessionIssuer } from '../sessions/session-issuer.js';
import { LoginOutcomes } from './login-outcomes.js';

export interface CodeRequired {
  readonly status: 'code-required';
  readonly challenge: string;
  readonly expiresAt: string;
}

type LoginAnswer = IssuedInGrace | CodeRequired;

export class Login extends CommandOf<{ readonly typed: TypedPassword; readonly context: Context }, LoginAnswer> {}

/**
 * Username and password. Whether the account is locked, a code is needed, or 2FA is to be set up, is told only to who knows the
 * password (R15, R16, R37).
 */
@CommandHandler(Login)
export class LoginHandler implements ICommandHandler<Login> {
  constructor(
    private readonly passwords: PasswordCheck,
    private readonly requests: Requests,
    private readonly issuer: SessionIssuer,
    private readonly outcomes: LoginOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input: { typed, context } }: Login): Promise<LoginAnswer> {
    return this.outcomes.count('password', async () => {
      const { account, epoch } = await this.passwords.check(typed, 'wrong-password', context);
      const passwordAt = this.clock();
      const { portal, accountId } = account;
      const payload = { portal, accountId, purpose: { kind: 'login' as const, sessionEpoch: epoch } };
      const opened = await this.requests.send(twoFactorRequests.openChallenge, payload, context);
      if (opened.required) {
        return { status: 'code-required', challenge: opened.challenge, expiresAt: opened.expiresAt };
      }
      const proof = { passwordAt, authenticatorId: null };
      return this.issuer.issueInGrace(account, opened.enrolment, { method: 'password', proof, epoch, context });
    });
  }
}
