import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { Problem } from '#libs/contracts/src/problems.js';
import type { AccountRef } from '#libs/contracts/src/stream.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { Descriptions } from '../registry/descriptions.js';
import { type EnrolmentDue, type IssuedInGrace, SessionIssuer } from '../sessions/session-issuer.js';
import { SessionStore } from '../sessions/session-store.js';
import { LoginOutcomes } from './login-outcomes.js';
import { LoginTokens } from './login-tokens.js';

export class LoginWithToken extends CommandOf<
  { readonly portal: string; readonly token: string; readonly context: Context },
  IssuedInGrace
> {}

/** Asks for no code (R19), for 2FA to be set up only whom nobody else has given the token (R37), proves nothing (R14), and meets suspension and lock (R41, R23); what ends the account's sessions ends the token (R25). */
@CommandHandler(LoginWithToken)
export class LoginWithTokenHandler implements ICommandHandler<LoginWithToken> {
  constructor(
    private readonly tokens: LoginTokens,
    private readonly requests: Requests,
    private readonly descriptions: Descriptions,
    private readonly sessions: SessionStore,
    private readonly issuer: SessionIssuer,
    private readonly outcomes: LoginOutcomes,
  ) {}

  execute({ input: { portal, token, context } }: LoginWithToken): Promise<IssuedInGrace> {
    return this.outcomes.count('login-token', async () => {
      const found = await this.tokens.find(portal, token);
      if (!found) throw notGood();
      const { account, epoch } = found;
      await this.descriptions.refuseIfBarred(account, context);
      if (epoch === null || epoch !== (await this.sessions.epoch(account))) throw notGood();
      const enrolment = found.selfIssued && (await this.enrolmentDue(account, context));
      if (!(await this.tokens.useUp(token))) throw notGood();
      const proof = { passwordAt: null, authenticatorId: null };
      return this.issuer.issueInGrace(account, enrolment, { method: 'login-token', proof, epoch, context });
    });
  }

  /** As after the password; where there is 2FA, no code is asked for all the same. */
  private async enrolmentDue({ portal, accountId }: AccountRef, context: Context): Promise<EnrolmentDue | undefined> {
    const payload = { portal, accountId, purpose: { kind: 'login' as const } };
    const opened = await this.requests.send(twoFactorRequests.openChallenge, payload, context);
    return opened.required ? undefined : opened.enrolment;
  }
}

const notGood = () => new Problem('invalid-credentials', 'The login token is unknown, used, revoked or expired.');
