import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Logger } from 'pino';
import { systemContext } from '#libs/contracts/src/context.js';
import { adminPolicyRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { Cookies } from '#libs/platform/src/http/cookies.js';
import type { Clock } from '#libs/platform/src/clock.js';
import type { Config } from '#libs/platform/src/settings/config.js';
import { CLOCK, CONFIG, LOGGER } from '#libs/platform/src/tokens.js';
import { HandOvers } from '../hand-over/hand-overs.js';
import { type SigningKey, SigningKeys } from '../keys/signing-keys.js';
import { People } from '../people/people.js';
import { SealedPayloads } from '../storage/sealed-payloads.js';
import { StoredModels } from '../storage/stored-models.js';
import { Clients } from './clients.js';
import { configurationOf } from './configuration.js';
import { loadLibrary } from './library.js';
import { parameter } from './parameters.js';
import { isRedirectAllowed } from './redirects.js';
import { WriteLimit } from './write-limit.js';

/** As many are kept as are at work; each takes a few hundred kilobytes. */
const KEPT = 200;
/** Without PUBLIC_URL, where each port of this machine that a request names makes one more. */
const KEPT_ON_LOOPBACK = 20;
/** After so long one is made anew, with the key ring as it is then. */
const LASTS_MS = 60_000;

/** A client as the library has it. */
interface ProviderClient {
  readonly redirectUris?: readonly string[];
  readonly clientAuthMethod?: string;
}

/** A provider, and what takes its requests. */
export interface PortalProvider {
  readonly provider: Provider;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** The OpenID Provider of each portal, made when it is first asked for. */
@Injectable()
export class Providers {
  private readonly cookies: Cookies;
  private readonly made: LRUCache<string, Promise<PortalProvider | null>>;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly requests: Requests,
    private readonly payloads: SealedPayloads,
    private readonly keys: SigningKeys,
    private readonly models: StoredModels,
    private readonly clients: Clients,
    private readonly people: People,
    private readonly handOvers: HandOvers,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly limit: WriteLimit,
    @Inject(CONFIG) { publicUrl }: Config,
  ) {
    const max = publicUrl === undefined ? KEPT_ON_LOOPBACK : KEPT;
    this.made = new LRUCache({ max, ttl: LASTS_MS });
    this.cookies = new Cookies(publicUrl?.startsWith('https:') ?? false);
  }

  /** Null: there is no such portal. `origin`: that browsers use. */
  async of(portal: string, origin: string): Promise<PortalProvider | null> {
    const keys = await this.keys.published();
    const key = [origin, portal, ...keys.map(({ kid }) => kid)].join('/');
    const known = this.made.get(key);
    if (known) return known;
    const making = this.make(portal, origin, keys);
    this.made.set(key, making);
    making.then(
      (found) => found ?? this.made.delete(key),
      () => this.made.delete(key),
    );
    return making;
  }

  private consoleToken(request: IncomingMessage): string | undefined {
    return this.cookies.read(request, 'session');
  }

  private async make(portal: string, origin: string, keys: readonly SigningKey[]): Promise<PortalProvider | null> {
    const { exists } = await this.requests.send(adminPolicyRequests.describePortal, { portal }, systemContext());
    if (!exists) return null;
    const library = await loadLibrary();
    const { models, clients, people } = this;
    const adapter = (model: string) => {
      const stored = models.adapterOf(portal, model, library);
      return model === 'Client' ? { ...stored, find: (id: string) => clients.of(portal, id) } : stored;
    };
    const isHttps = origin.startsWith('https:');
    const { cookieKeys } = this.payloads;
    const parts = {
      ...{ library, portal, isHttps, adapter, keys, cookieKeys, people },
      isRegistered: (clientId: string) => clients.isRegistered(portal, clientId),
      isHandedOver: (uid: string, accountId: string) => this.handOvers.isGood(portal, uid, accountId),
      now: this.clock,
      consoleToken: (request: IncomingMessage) => this.consoleToken(request),
    };
    const provider = new library.Provider(`${origin}/p/${portal}`, configurationOf(parts));
    // what the front says of where browsers are is ours
    provider.proxy = true;
    Object.assign(provider.Client.prototype, {
      compareClientSecret(this: { clientId: string }, typed: string) {
        return clients.isSecret(portal, this.clientId, typed);
      },
      redirectUriAllowed(this: ProviderClient, given: string) {
        const { redirectUris = [], clientAuthMethod } = this;
        return isRedirectAllowed({ redirectUris, isPublic: clientAuthMethod === 'none' }, given);
      },
    });
    provider.use((ctx: KoaContextWithOIDC, next: () => Promise<void>) => this.limit.admit(ctx, next));
    provider.use(async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
      const isLogout = ctx.method === 'POST' && ctx.path === '/session/end/confirm';
      const session = isLogout ? await provider.Session.get(ctx) : undefined;
      await next();
      // request objects are pushed, never by value (R34)
      if (ctx.oidc?.route === 'discovery') Object.assign(ctx.body as object, { request_parameter_supported: false });
      // the library has taken it, and the person has confirmed it
      const isConfirmed = ctx.status === 303 && parameter(ctx.oidc?.params, 'logout') !== '';
      if (session?.accountId === undefined || !isConfirmed) return;
      await people.end(portal, session.uid, this.consoleToken(ctx.req), systemContext());
    });
    provider.on('grant.success', ({ oidc }: KoaContextWithOIDC) => {
      const { AuthorizationCode: code, Client: client } = oidc.entities;
      if (client?.vouches === true && code?.sessionUid !== undefined)
        void this.handOvers.end(portal, code.sessionUid).catch(failed);
    });
    const failed = (err: unknown) => this.logger.error({ err, portal }, 'a request of the OpenID Provider failed');
    provider.on('server_error', (_, err) => failed(err));
    // of what is not the library's own, and of connections that broke
    (provider as EventEmitter).on('error', failed);
    return { provider, handle: provider.callback() };
  }
}
