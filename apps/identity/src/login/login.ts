import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { RememberDays } from '../browsers/remember-days.js';
import { type KnownBrowser, RememberedBrowsers } from '../browsers/remembered-browsers.js';
import { PasswordCheck, type TypedPassword } from '../passwords/password-check.js';
import { type IssuedInGrace, type LoginToIssue, SessionIssuer } from '../sessions/session-issuer.js';
import { LoginOutcomes } from './login-outcomes.js';
import { type Remembered, toldOf } from './remembered.js';

export interface CodeRequired {
  readonly status: 'code-required';
  readonly challenge: string;
  readonly expiresAt: string;
  /** For so many days the browser can be remembered; undefined: it cannot (R39). */
  readonly rememberDays?: number;
}

type LoginAnswer = (IssuedInGrace & Remembered) | CodeRequired;

interface LoginByPassword {
  readonly typed: TypedPassword;
  readonly browserToken?: string | undefined;
  readonly context: Context;
}
export class Login extends CommandOf<LoginByPassword, LoginAnswer> {}

/**
 * Username and password. Whether the account is locked, a code is needed, the browser is remembered, or 2FA is to be set up, is
 * told only to who knows the password (R15, R16, R39, R37).
 */
@CommandHandler(Login)
export class LoginHandler implements ICommandHandler<Login> {
  constructor(
    private readonly passwords: PasswordCheck,
    private readonly browsers: RememberedBrowsers,
    private readonly rememberDays: RememberDays,
    private readonly requests: Requests,
    private readonly issuer: SessionIssuer,
    private readonly outcomes: LoginOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input: { typed, browserToken, context } }: Login): Promise<LoginAnswer> {
    return this.outcomes.count('password', async () => {
      const { account, epoch } = await this.passwords.check(typed, 'wrong-password', context);
      // never a proof of the second factor (R14)
      const proof = { passwordAt: this.clock(), authenticatorId: null };
      const { portal, accountId } = account;
      const browser =
        browserToken === undefined ? null : await this.browsers.recognise({ portal, accountId }, browserToken, context);
      const payload = {
        ...{ portal, accountId, purpose: { kind: 'login' as const, sessionEpoch: epoch } },
        ...(browser && { browserEpoch: browser.epoch }),
      };
      const opened = await this.requests.send(twoFactorRequests.openChallenge, payload, context);
      if (opened.required) return this.codeRequired(portal, opened);
      const login: LoginToIssue = { method: 'password', proof, epoch, context };
      if (browser && opened.remembered) return this.issueToRemembered(browser, login);
      return this.issuer.issueInGrace(account, opened.enrolment, login);
    });
  }

  private async codeRequired(
    portal: string,
    { challenge, expiresAt }: { challenge: string; expiresAt: string },
  ): Promise<CodeRequired> {
    const rememberDays = await this.rememberDays.of(portal);
    return { status: 'code-required', challenge, expiresAt, ...(rememberDays > 0 && { rememberDays }) };
  }

  private async issueToRemembered(browser: KnownBrowser, login: LoginToIssue): Promise<LoginAnswer> {
    const token = await this.browsers.use(browser, login.context);
    if (!token) throw new Problem('challenge-ended', 'This browser is no longer remembered. Log in again.');
    const { browserId } = browser;
    const method = 'password+remembered-browser';
    const session = await this.issuer.issue(browser.account, {
      ...login,
      method,
      browser: { browserId, isNew: false },
    });
    return { ...session, ...toldOf(token) };
  }
}
