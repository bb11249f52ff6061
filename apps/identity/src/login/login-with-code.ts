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
import { RememberedBrowsers } from '../browsers/remembered-browsers.js';
import { LoginOutcomes } from './login-outcomes.js';
import { type Remembered, toldOf } from './remembered.js';

export interface TypedCode {
  readonly code?: string | undefined;
  readonly backupCode?: string | undefined;
}

interface LoginByCode {
  readonly challenge: string;
  readonly typed: TypedCode;
  /** Whether the person wants the browser remembered (R39). */
  readonly remember: boolean;
  readonly context: Context;
}
type AnswerToCode = IssuedSession & Remembered & { readonly backupCodesLeft?: number };
export class LoginWithCode extends CommandOf<LoginByCode, AnswerToCode> {}

/**
 * The second step. The login is complete only now, so its proof counts from now: the password was right at most five minutes
 * ago, when the challenge was opened (R14, R21).
 */
@CommandHandler(LoginWithCode)
export class LoginWithCodeHandler implements ICommandHandler<LoginWithCode> {
  constructor(
    private readonly requests: Requests,
    private readonly sessions: SessionStore,
    private readonly browsers: RememberedBrowsers,
    private readonly issuer: SessionIssuer,
    private readonly outcomes: LoginOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input: { challenge, typed, remember, context } }: LoginWithCode): Promise<AnswerToCode> {
    return this.outcomes.count('code', async () => {
      const payload = { challenge, purpose: { kind: 'login' as const }, ...typed };
      const passed = await this.requests.send(twoFactorRequests.verifyChallenge, payload, context);
      const { portal, accountId, method, authenticatorId, challengeId, backupCodesLeft, sessionEpoch } = passed;
      const by = { ...context, challengeId };
      const account = { portal, accountId };
      const browser = remember ? await this.browsers.prepare(account, passed.browserEpoch, by) : null;
      const session = await this.issuer.issue(account, {
        method: `password+${method}`,
        proof: { passwordAt: this.clock(), authenticatorId },
        // of the moment when the password was right: what ended the sessions since, ended this login too
        epoch: sessionEpoch ?? (await this.sessions.epoch(account)),
        ...(browser && { browser: { browserId: browser.browserId, isNew: true } }),
        context: by,
      });
      return {
        ...session,
        ...(browser && toldOf(browser)),
        ...(backupCodesLeft !== undefined && { backupCodesLeft }),
      };
    });
  }
}
