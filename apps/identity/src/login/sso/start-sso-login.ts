import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import * as openid from 'openid-client';
import { SSO_LOGIN_LASTS_MS } from '#libs/contracts/src/limits.js';
import { Problem } from '#libs/contracts/src/problems.js';
import { browserOrigin } from '#libs/platform/src/http/browser-origin.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { CommandOf } from '#libs/platform/src/cqrs.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CLOCK, CONFIG } from '#libs/platform/src/tokens.js';
import { PortalSso } from './portal-sso.js';
import { ProviderFailures } from './provider-failures.js';
import { hasLogin, type LoginProvider, Providers } from './providers.js';
import { LoginSealer, providerHash } from './sealed-login.js';
import { SsoThrottle } from './sso-throttle.js';

interface Started {
  readonly authorizationUrl: string;
  readonly ssoLogin: string;
  readonly expiresAt: string;
}
/** `host`: that the request names; `address`: the client's. */
export class StartSsoLogin extends CommandOf<
  { readonly portal: string; readonly host: string; readonly address: string },
  Started
> {}

/**
 * Below the origin that browsers use; registered at the provider to the letter. Each portal has one of its own: else an answer of
 * its provider could be completed as that of another portal's (mix-up, RFC 9700 §4.4.2.2).
 */
const callbackOf = (portal: string) => `/console/sso/callback/${portal}`;

/** Sends a person to the portal's identity provider: authorization code flow with PKCE, state and nonce. */
@CommandHandler(StartSsoLogin)
export class StartSsoLoginHandler implements ICommandHandler<StartSsoLogin> {
  constructor(
    private readonly sso: PortalSso,
    private readonly providers: Providers,
    private readonly sealer: LoginSealer,
    private readonly failures: ProviderFailures,
    private readonly throttle: SsoThrottle,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async execute({ input: { portal, host, address } }: StartSsoLogin): Promise<Started> {
    this.throttle.admit('start', address);
    const provider = await this.sso.find(portal);
    if (!hasLogin(provider)) throw new Problem('not-found', 'The portal has no identity provider to log in by.');
    const origin = browserOrigin(this.config.publicUrl, host);
    if (origin === undefined) throw new Problem('unavailable', 'Set PUBLIC_URL: a provider must know one address.');
    const redirectUri = origin + callbackOf(portal);
    const secrets = {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: openid.randomPKCECodeVerifier(),
    };
    const expiresAt = this.clock() + SSO_LOGIN_LASTS_MS;
    return {
      authorizationUrl: await this.addressFor(portal, provider, redirectUri, secrets),
      ssoLogin: this.sealer.seal({ portal, provider: providerHash(provider), redirectUri, ...secrets, expiresAt }),
      expiresAt: new Date(expiresAt).toISOString(),
    };
  }

  private async addressFor(
    portal: string,
    provider: LoginProvider,
    redirectUri: string,
    { state, nonce, verifier }: { state: string; nonce: string; verifier: string },
  ): Promise<string> {
    try {
      const url = openid.buildAuthorizationUrl(await this.providers.forBrowser(provider), {
        scope: 'openid',
        redirect_uri: redirectUri,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      // a script would be one that the page of the console follows
      if (url.protocol !== 'https:' && !(this.config.test && url.protocol === 'http:'))
        throw new Error('its authorization endpoint is not at https');
      return url.href;
    } catch (error) {
      throw this.failures.unusable(portal, error);
    }
  }
}
