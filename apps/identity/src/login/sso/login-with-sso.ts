import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Context } from '#libs/contracts/src/context.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { IssuedSession } from '../../sessions/session-issuer.js';
import { LoginOutcomes } from '../login-outcomes.js';
import { IdTokenLogin } from './id-token-login.js';
import { notGood } from './id-tokens.js';
import { PortalSso } from './portal-sso.js';

export class LoginWithSso extends CommandOf<
  { readonly portal: string; readonly idToken: string; readonly context: Context },
  IssuedSession
> {}

/** With an ID token that somebody brings. */
@CommandHandler(LoginWithSso)
export class LoginWithSsoHandler implements ICommandHandler<LoginWithSso> {
  constructor(
    private readonly sso: PortalSso,
    private readonly login: IdTokenLogin,
    private readonly outcomes: LoginOutcomes,
  ) {}

  execute({ input: { portal, idToken, context } }: LoginWithSso): Promise<IssuedSession> {
    return this.outcomes.count('sso', async () => {
      const settings = await this.sso.find(portal);
      if (!settings) throw notGood();
      return this.login.logIn(portal, idToken, settings, context);
    });
  }
}
