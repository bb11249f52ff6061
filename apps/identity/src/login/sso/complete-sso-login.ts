import { hash } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import * as openid from 'openid-client';
import type { Context } from '#libs/contracts/src/context.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { isSameText } from '#libs/secrets/src/tokens.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import type { IssuedSession } from '../../sessions/session-issuer.js';
import { LoginOutcomes } from '../login-outcomes.js';
import { IdTokenLogin } from './id-token-login.js';
import { PortalSso } from './portal-sso.js';
import { ProviderFailures } from './provider-failures.js';
import { hasLogin, type LoginProvider, Providers } from './providers.js';
import { type BegunLogin, LoginSealer, providerHash } from './sealed-login.js';
import { SsoThrottle } from './sso-throttle.js';
import { UsedOnce } from './used-once.js';

/** What the provider has sent the browser back with, and to which portal's address. */
interface AuthorizationAnswer {
  readonly portal: string;
  readonly code: string;
  readonly state: string;
  readonly iss?: string | undefined;
}
export class CompleteSsoLogin extends CommandOf<
  {
    readonly ssoLogin: string;
    readonly answer: AuthorizationAnswer;
    /** The client's. */
    readonly address: string;
    readonly context: Context;
  },
  IssuedSession
> {}

/**
 * Redeems the code of a login that began in this browser: for its portal, at its provider, once. The session is issued as for
 * every ID token.
 */
@CommandHandler(CompleteSsoLogin)
export class CompleteSsoLoginHandler implements ICommandHandler<CompleteSsoLogin> {
  constructor(
    private readonly sealer: LoginSealer,
    private readonly sso: PortalSso,
    private readonly providers: Providers,
    private readonly used: UsedOnce,
    private readonly login: IdTokenLogin,
    private readonly failures: ProviderFailures,
    private readonly throttle: SsoThrottle,
    private readonly outcomes: LoginOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input: { ssoLogin, answer, address, context } }: CompleteSsoLogin): Promise<IssuedSession> {
    return this.outcomes.count('sso', async () => {
      this.throttle.admit('complete', address);
      const begun = this.sealer.open(ssoLogin);
      if (!begun || begun.expiresAt <= this.clock() || !isSameText(begun.state, answer.state)) throw isOver();
      const { portal } = begun;
      // the answer of another portal's provider: the code is none of this one's (mix-up, RFC 9700 §4.4.2.2)
      if (answer.portal !== portal) throw isOver();
      const provider = await this.sso.find(portal);
      // it may have been changed while the person was there
      if (!hasLogin(provider) || providerHash(provider) !== begun.provider) throw isOver();
      const idToken = await this.throttle.redeeming(portal, async () => {
        if (!(await this.used.useUp(hash('sha256', begun.state), begun.expiresAt))) throw isOver();
        return this.redeem(begun, provider, answer, context);
      });
      return this.login.logIn(portal, idToken, { ...provider, audience: provider.clientId }, context);
    });
  }

  private async redeem(
    { portal, redirectUri, state, nonce, verifier }: BegunLogin,
    provider: LoginProvider,
    { code, iss }: AuthorizationAnswer,
    context: Context,
  ): Promise<string> {
    const url = new URL(redirectUri);
    url.search = new URLSearchParams({ code, state, ...(iss !== undefined && { iss }) }).toString();
    const configuration = await this.providers.forClient(portal, provider, context).catch((error: unknown) => {
      throw this.failures.unusable(portal, error);
    });
    try {
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const { id_token: idToken = '' } = await openid.authorizationCodeGrant(configuration, url, checks);
      return idToken;
    } catch (error) {
      throw this.failures.notRedeemed(portal, error);
    }
  }
}

const isOver = () =>
  Problem.answer('challenge-ended', 'This login is over, or was begun in another browser. Log in again.');
