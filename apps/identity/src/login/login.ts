import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { PasswordCheck, type TypedPassword } from '../passwords/password-check.js';
import { type IssuedSession, SessionIssuer } from '../sessions/session-issuer.js';
import { LoginOutcomes } from './login-outcomes.js';

export interface CodeRequired {
  readonly status: 'code-required';
  readonly challenge: string;
  readonly expiresAt: string;
}

export class Login extends CommandOf<
  { readonly typed: TypedPassword; readonly context: Context },
  IssuedSession | CodeRequired
> {}

/** Username and password. Whether the account is locked, or a code is needed, is told only to who knows the password (R15, R16). */
@CommandHandler(Login)
export class LoginHandler implements ICommandHandler<Login> {
  constructor(
    private readonly passwords: PasswordCheck,
    private readonly requests: Requests,
    private readonly issuer: SessionIssuer,
    private readonly outcomes: LoginOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input: { typed, context } }: Login): Promise<IssuedSession | CodeRequired> {
    return this.outcomes.count('password', async () => {
      const { account, epoch } = await this.passwords.check(typed, 'wrong-password', context);
      const passwordAt = this.clock();
      const { portal, accountId } = account;
      const payload = { portal, accountId, purpose: { kind: 'login' as const, sessionEpoch: epoch } };
      const challenge = await this.requests.send(twoFactorRequests.openChallenge, payload, context);
      if (challenge.required) {
        return { status: 'code-required', challenge: challenge.challenge, expiresAt: challenge.expiresAt };
      }
      const proof = { passwordAt, authenticatorId: null };
      return this.issuer.issue(account, { method: 'password', proof, epoch, context });
    });
  }
}
