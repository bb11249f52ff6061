import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import * as openid from 'openid-client';
import type { Context } from '#libs/contracts/src/context.js';
import type { SsoSettings } from '#libs/contracts/src/events/admin-policy.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CLOCK, CONFIG } from '#libs/platform/src/tokens.js';
import { CLOCKS_DIFFER_S } from './id-tokens.js';
import { type ProviderFetch, providerFetch } from './provider-fetch.js';

/** A provider with which people can be sent to log in. */
export type LoginProvider = SsoSettings & { readonly clientId: string };
export const hasLogin = (settings: SsoSettings | null): settings is LoginProvider => settings?.clientId !== undefined;

const KNOWN_MS = 5 * 60_000;
/** So soon one that could not be asked is asked again. */
const LOOK_AGAIN_MS = 2_000;

/** What the identity providers of portals say of themselves (OpenID Connect Discovery 1.0), and how to speak to them. */
@Injectable()
export class Providers {
  private readonly known = new LRUCache<string, Promise<openid.ServerMetadata>>({ max: 500, ttl: KNOWN_MS });
  private readonly fetch: ProviderFetch;

  constructor(
    private readonly requests: Requests,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.fetch = providerFetch({ loopbackAllowed: config.test });
  }

  /** To send a browser there. @throws whatever is wrong with the provider */
  async forBrowser(provider: LoginProvider): Promise<openid.Configuration> {
    return this.configured(await this.metadataOf(provider.issuer), provider.clientId, openid.None());
  }

  /** To redeem a code, as the client that the portal is there. @throws whatever is wrong with the provider */
  async forClient(portal: string, provider: LoginProvider, context: Context): Promise<openid.Configuration> {
    const metadata = await this.metadataOf(provider.issuer);
    const { clientId, clientSecretId: secretId } = provider;
    if (secretId === undefined) return this.configured(metadata, clientId, openid.None());
    const asked = { portal, secretId };
    const { secret } = await this.requests.send(adminPolicyRequests.openSsoSecret, asked, context);
    if (secret === null) throw new Error('the secret of the client is another one by now');
    return this.configured(metadata, clientId, authenticationOf(metadata, secret));
  }

  private configured(metadata: openid.ServerMetadata, clientId: string, by: openid.ClientAuth): openid.Configuration {
    const clocks = {
      [openid.clockSkew]: Math.round((this.clock() - Date.now()) / 1_000),
      [openid.clockTolerance]: CLOCKS_DIFFER_S,
    };
    const configuration = new openid.Configuration(metadata, clientId, clocks, by);
    configuration[openid.customFetch] = this.fetch;
    if (this.config.test) openid.allowInsecureRequests(configuration);
    return configuration;
  }

  private metadataOf(issuer: string): Promise<openid.ServerMetadata> {
    const known = this.known.get(issuer);
    if (known) return known;
    const asking = this.discover(issuer);
    this.known.set(issuer, asking);
    asking.catch(() => this.known.set(issuer, asking, { ttl: LOOK_AGAIN_MS }));
    return asking;
  }

  private async discover(issuer: string): Promise<openid.ServerMetadata> {
    const found = await openid.discovery(new URL(issuer), 'nobody', undefined, openid.None(), {
      [openid.customFetch]: this.fetch,
      execute: this.config.test ? [openid.allowInsecureRequests] : [],
    });
    const metadata = found.serverMetadata();
    // for some providers the library lets it be another one
    if (metadata.issuer !== issuer) throw new Error('it says that it is another issuer');
    return metadata;
  }
}

/** RFC 6749 §2.3.1: by the header unless the provider takes it in the body alone. */
function authenticationOf(metadata: openid.ServerMetadata, secret: string): openid.ClientAuth {
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic') ? openid.ClientSecretBasic(secret) : openid.ClientSecretPost(secret);
}
