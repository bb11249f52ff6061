import { CommandOf } from '#libs/platform/src/cqrs.js';
import { type Context } from '#libs/contracts/src/context.js';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Problem } from '#libs/contracts/src/problems.js';
import { Descriptions } from '../registry/descriptions.js';
import { type IssuedSession, SessionIssuer } from '../sessions/session-issuer.js';
import { SessionStore } from '../sessions/session-store.js';
import { LoginOutcomes } from './login-outcomes.js';
import { LoginTokens } from './login-tokens.js';

export class LoginWithToken extends CommandOf<
  { readonly portal: string; readonly token: string; readonly context: Context },
  IssuedSession
> {}

/** Asks for no code (R19), proves nothing (R14), and meets suspension and lock (R41, R23); what ends the account's sessions ends the token (R25). */
@CommandHandler(LoginWithToken)
export class LoginWithTokenHandler implements ICommandHandler<LoginWithToken> {
  constructor(
    private readonly tokens: LoginTokens,
    private readonly descriptions: Descriptions,
    private readonly sessions: SessionStore,
    private readonly issuer: SessionIssuer,
    private readonly outcomes: LoginOutcomes,
  ) {}

  execute({ input: { portal, token, context } }: LoginWithToken): Promise<IssuedSession> {
    return this.outcomes.count('login-token', async () => {
      const found = await this.tokens.find(portal, token);
      if (!found) throw notGood();
      const { account, epoch } = found;
      await this.descriptions.refuseIfBarred(account, context);
      if (epoch === null || epoch !== (await this.sessions.epoch(account))) throw notGood();
      if (!(await this.tokens.useUp(token))) throw notGood();
      const proof = { passwordAt: null, authenticatorId: null };
      return this.issuer.issue(account, { method: 'login-token', proof, epoch, context });
    });
  }
}

const notGood = () => new Problem('invalid-credentials', 'The login token is unknown, used, revoked or expired.');
