import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';
import type { Portal } from './portal.js';

/** What an application learns by one login. */
export interface LoggedIn {
  readonly tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;
  readonly claims: client.IDToken;
}

/** A login that an application has begun: where to send a browser, and what comes of where it is sent back to. */
export interface Begun {
  readonly url: string;
  readonly end: (answer?: URL) => Promise<LoggedIn>;
}

/** An application of a portal, by a client library that is not ours. */
export class Application {
  private readonly server: Server;
  private readonly returned: ((url: URL) => void)[] = [];
  private readonly waiting: URL[] = [];
  config!: client.Configuration;
  clientId!: string;
  clientSecret: string | undefined;

  private constructor(readonly portal: Portal) {
    this.server = createServer((request, response) => {
      response.setHeader('content-type', 'text/html').end('<title>the application</title><h1>Welcome</h1>');
      const url = new URL(request.url!, this.origin);
      if (!url.pathname.startsWith('/callback')) return;
      const next = this.returned.shift();
      if (next) next(url);
      else this.waiting.push(url);
    });
  }

  static async open(portal: Portal, origin: string, options: { public?: boolean } = {}): Promise<Application> {
    const one = new Application(portal);
    await new Promise<void>((done) => one.server.listen(0, '127.0.0.1', done));
    const { clientId, clientSecret } = (
      await portal.stack.operator.registerClient(portal.id, {
        name: 'The Intranet',
        redirectUris: [one.redirectUri],
        postLogoutRedirectUris: [`${one.origin}/bye`],
        ...options,
      })
    ).success();
    [one.clientId, one.clientSecret] = [clientId, clientSecret];
    const issuer = new URL(`${origin}/p/${portal.id}`);
    const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
    one.config = await client.discovery(issuer, clientId, undefined, authentication, {
      execute: [client.allowInsecureRequests],
    });
    return one;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  get redirectUri(): string {
    return `${this.origin}/callback`;
  }

  /** Where to send a browser, and what comes of it: redeemed by the library, which checks everything. */
  async begin(parameters: Record<string, string> = {}): Promise<Begun> {
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const url = client.buildAuthorizationUrl(this.config, {
      redirect_uri: this.redirectUri,
      scope: 'openid profile email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...{ state, nonce, ...parameters },
    });
    const end = async (given?: URL): Promise<LoggedIn> => {
      const answer = given ?? (await this.nextReturn());
      const tokens = await client.authorizationCodeGrant(this.config, answer, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        ...(parameters.max_age !== undefined && { maxAge: Number(parameters.max_age) }),
      });
      return { tokens, claims: tokens.claims()! };
    };
    return { url: url.href, end };
  }

  /** The URL that a browser was sent back to. */
  nextReturn(): Promise<URL> {
    const url = this.waiting.shift();
    return url ? Promise.resolve(url) : new Promise((done) => this.returned.push(done));
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }
}
