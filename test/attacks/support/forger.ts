import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { TestClock } from '#test/support/clock.js';

export type Claims = Record<string, unknown>;
type Reply = (request: IncomingMessage, response: ServerResponse) => void;

interface BegunThere {
  readonly claims: Claims;
  readonly header: Claims;
  readonly challenge: string;
}

/** A bad identity provider on loopback: signs whatever it is asked to, and serves whatever it is told to. */
export class Forger {
  readonly clientId = 'twinlockLogin';
  /** What it says of itself beside the usual, or in its place. */
  metadata: Claims = {};
  /** What a client has authenticated with at its token endpoint, and has sent there. */
  readonly redeemed: { readonly authorization: string | undefined; readonly body: URLSearchParams }[] = [];
  /** The ID tokens that codes have brought. */
  readonly issued: string[] = [];
  /** Whether it looks at the verifier of PKCE, as good ones do. */
  checksVerifier = true;
  private readonly codes = new Map<string, BegunThere>();
  readonly audience = 'twinlock-test';
  /** Every path that was asked for. */
  readonly asked: string[] = [];
  /** What answers in place of it. */
  reply: Reply | null = null;

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    private readonly clock: TestClock,
    private readonly pair: { privateKey: CryptoKey; publicKey: CryptoKey },
    readonly publicJwk: JWK,
  ) {}

  static async start(clock: TestClock): Promise<Forger> {
    const pair = await generateKeyPair('RS256', { extractable: true });
    const publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
    const server = createServer((request, response) => forger.answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    const forger = new Forger(`http://127.0.0.1:${address.port}`, server, clock, pair, publicJwk);
    return forger;
  }

  get settings() {
    return { issuer: this.issuer, audience: this.audience, jwksUri: `${this.issuer}/jwks` };
  }

  /** With which people are sent there to log in. */
  get loginSettings() {
    return { ...this.settings, clientId: this.clientId };
  }

  /** Where it sends a browser back to, with what, once `subject` has logged in there. */
  authorize(authorizationUrl: string, subject: string, changed: Claims = {}, header: Claims = {}) {
    const asked = new URL(authorizationUrl).searchParams;
    const code = crypto.randomUUID();
    const claims = this.claims(subject, { aud: asked.get('client_id'), nonce: asked.get('nonce'), ...changed });
    this.codes.set(code, { claims, header, challenge: asked.get('code_challenge') ?? '' });
    return { code, state: asked.get('state')!, iss: this.issuer };
  }

  /** The public key as an attacker finds it. */
  publicPem(): Promise<string> {
    return exportSPKI(this.pair.publicKey);
  }

  /** What a good token claims, but for what is changed; `undefined` leaves a claim out. */
  claims(subject: string, changed: Claims = {}): Claims {
    const now = Math.floor(this.clock.now() / 1000);
    const good = {
      iss: this.issuer,
      aud: this.audience,
      sub: subject,
      iat: now,
      exp: now + 300,
      jti: crypto.randomUUID(),
    };
    return Object.fromEntries(Object.entries({ ...good, ...changed }).filter(([, value]) => value !== undefined));
  }

  /** Signed with its true key unless told. */
  sign(claims: Claims, header: Claims = {}, key: CryptoKey | Uint8Array = this.pair.privateKey): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header }).sign(key);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(request.url ?? '');
    if (this.reply) return this.reply(request, response);
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return void json(200, {
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          jwks_uri: `${this.issuer}/jwks`,
          authorization_response_iss_parameter_supported: true,
          ...this.metadata,
        });
      case '/token':
        return void this.redeem(request).then(
          (body) => json('error' in body ? 400 : 200, body),
          () => response.destroy(),
        );
      default:
        return void json(200, { keys: [this.publicJwk] });
    }
  }

  private async redeem(request: IncomingMessage): Promise<object> {
    const body = new URLSearchParams(await text(request));
    this.redeemed.push({ authorization: request.headers.authorization, body });
    const begun = this.codes.get(body.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (!begun || (this.checksVerifier && begun.challenge !== challenge)) return { error: 'invalid_grant' };
    const { claims, header } = begun;
    const idToken =
      header.alg === 'none' ? unsigned({ ...header, kid: 'k1' }, claims) : await this.sign(claims, header);
    this.issued.push(idToken);
    return { access_token: 'an-access-token', token_type: 'bearer', id_token: idToken };
  }
}

/** A token that nobody signed. */
export const unsigned = (header: Claims, claims: Claims, signature = ''): string =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + `.${signature}`;
