import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { type IssuedSession, SessionIssuer } from '../sessions/session-issuer.js';
import { SessionStore } from '../sessions/session-store.js';
import { LoginOutcomes } from './login-outcomes.js';

export interface TypedCode {
  readonly code?: string | undefined;
  readonly backupCode?: string | undefined;
}

interface LoginByCode {
  readonly challenge: string;
  readonly typed: TypedCode;
  readonly context: Context;
}
export class LoginWithCode extends CommandOf<LoginByCode, IssuedSession & { readonly backupCodesLeft?: number }> {}

/**
 * The second step. The login is complete only now, so its proof counts from now: the password was right at most five minutes
 * ago, when the challenge was opened (R14, R21).
 */
@CommandHandler(LoginWithCode)
export class LoginWithCodeHandler implements ICommandHandler<LoginWithCode> {
  constructor(
    private readonly requests: Requests,
    private readonly sessions: SessionStore,
    private readonly issuer: SessionIssuer,
    private readonly outcomes: LoginOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input: { challenge, typed, context } }: LoginWithCode) {
    return this.outcomes.count('code', async () => {
      const payload = { challenge, purpose: { kind: 'login' as const }, ...typed };
      const passed = await this.requests.send(twoFactorRequests.verifyChallenge, payload, context);
      const { portal, accountId, method, authenticatorId, challengeId, backupCodesLeft, sessionEpoch } = passed;
      const account = { portal, accountId };
      const session = await this.issuer.issue(account, {
        method: `password+${method}`,
        proof: { passwordAt: this.clock(), authenticatorId },
        // of the moment when the password was right: what ended the sessions since, ended this login too
        epoch: sessionEpoch ?? (await this.sessions.epoch(account)),
        context: { ...context, challengeId },
      });
      return { ...session, ...(backupCodesLeft !== undefined && { backupCodesLeft }) };
    });
  }
}
