import { createHash, generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, type JWTHeaderParameters, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { ClientKey } from '#libs/contracts/src/http/clients.js';
import type { Portal } from './portal.js';

export type SigningAlgorithm = 'EdDSA' | 'ES256' | 'RS256';

const keyPairs = {
  EdDSA: () => generateKeyPairSync('ed25519'),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

export interface Pushed {
  readonly status: number;
  readonly body: { readonly request_uri?: string; readonly error?: string; readonly error_description?: string };
}
export interface Redeemed {
  readonly status: number;
  readonly body: {
    readonly id_token?: string;
    readonly access_token?: string;
    readonly refresh_token?: string;
    readonly error?: string;
  };
}
type Claims = Record<string, unknown>;

/** A gateway that proves the first factor itself and hands people over for the second (R34), by the specifications alone. */
export class HandingGateway {
  private readonly pair: { publicKey: KeyObject; privateKey: KeyObject };
  private readonly server: Server;
  readonly verifier = randomBytes(32).toString('base64url');
  clientId!: string;

  private constructor(
    readonly portal: Portal,
    readonly issuer: string,
    private readonly alg: SigningAlgorithm,
  ) {
    this.pair = keyPairs[alg]();
    this.server = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<title>the gateway</title><h1>Welcome back</h1>'),
    );
  }

  static async open(
    portal: Portal,
    origin: string,
    { alg = 'EdDSA', vouches = true }: { alg?: SigningAlgorithm; vouches?: boolean } = {},
  ): Promise<HandingGateway> {
    const one = new HandingGateway(portal, `${origin}/p/${portal.id}`, alg);
    await new Promise<void>((done) => one.server.listen(0, '127.0.0.1', done));
    const key = one.pair.publicKey.export({ format: 'jwk' }) as ClientKey;
    const body = { name: 'The Gateway', redirectUris: [one.redirectUri], jwks: { keys: [key] }, vouches };
    one.clientId = (await portal.stack.operator.registerClient(portal.id, body)).success().clientId;
    return one;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  get redirectUri(): string {
    return `${this.origin}/callback`;
  }
  /** Seconds, by the clock of the product. */
  get now(): number {
    return Math.floor(this.portal.stack.clock.now() / 1_000);
  }

  /** As it is to be; what is undefined is left out. */
  claims(changes: Claims = {}): Claims {
    const claims = {
      ...{ iss: this.clientId, client_id: this.clientId, aud: this.issuer, jti: randomUUID() },
      ...{ iat: this.now, exp: this.now + 50, response_type: 'code', redirect_uri: this.redirectUri },
      ...{ scope: 'openid', state: 'a-state', nonce: 'a-nonce', acr_values: 'urn:twinlock:acr:2fa' },
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      auth_time: this.now,
      ...changes,
    };
    return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  }

  /** RFC 9101 §4 */
  signed(claims: Claims, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const { alg } = this;
    return new SignJWT(claims)
      .setProtectedHeader({ alg, typ: 'oauth-authz-req+jwt', ...header })
      .sign(this.pair.privateKey);
  }

  /** RFC 9126 §2.1 */
  async push(request: string | Record<string, string>): Promise<Pushed> {
    const parameters = typeof request === 'string' ? { request } : request;
    return this.post<Pushed['body']>('request', { client_id: this.clientId, ...parameters });
  }

  /** Where to send the browser of that account's person. @throws what the push was answered with */
  async handOver(account: string, changes: Claims = {}): Promise<string> {
    const { status, body } = await this.push(await this.signed(this.claims({ login_hint: account, ...changes })));
    if (status !== 201) throw new Error(`the push was refused: ${JSON.stringify(body)}`);
    return this.linkTo(body.request_uri!);
  }

  /** For the person's own page. */
  handOverToManage(account: string): Promise<string> {
    return this.handOver(account, { acr_values: undefined, scope: 'openid second_factor' });
  }

  linkTo(requestUri: string): string {
    return `${this.issuer}/auth?${new URLSearchParams({ client_id: this.clientId, request_uri: requestUri }).toString()}`;
  }

  async redeem(code: string, changes: Record<string, string> = {}): Promise<Redeemed> {
    const grant = { grant_type: 'authorization_code', redirect_uri: this.redirectUri, code_verifier: this.verifier };
    return this.post<Redeemed['body']>('token', { ...grant, code, ...changes });
  }

  /** Of where the browser was sent back to: the claims of the ID token, which is verified. @throws the error of the answer */
  async learn({ searchParams }: URL): Promise<JWTPayload> {
    const error = searchParams.get('error');
    if (error !== null) throw new Error(`${error} ${searchParams.get('reason')}`);
    const { iss, state } = Object.fromEntries(searchParams);
    if (iss !== this.issuer || state !== 'a-state') throw new Error(`not the answer of this portal: ${iss} ${state}`);
    const { body } = await this.redeem(searchParams.get('code')!);
    if (body.id_token === undefined) throw new Error(`the code was refused: ${JSON.stringify(body)}`);
    const keys = createRemoteJWKSet(new URL(`${this.issuer}/jwks`));
    return (await jwtVerify(body.id_token, keys, { issuer: this.issuer, audience: this.clientId })).payload;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }

  /** With a client assertion (RFC 7523 §2.2). */
  private async post<Body>(path: string, parameters: Record<string, string>): Promise<{ status: number; body: Body }> {
    const { clientId, issuer, alg } = this;
    const now = Math.floor(Date.now() / 1_000);
    const assertion = await new SignJWT({ iss: clientId, sub: clientId, aud: issuer, jti: randomUUID() })
      .setProtectedHeader({ alg })
      .setIssuedAt(now)
      .setExpirationTime(now + 30)
      .sign(this.pair.privateKey);
    const response = await fetch(`${issuer}/${path}`, {
      method: 'POST',
      body: new URLSearchParams({
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        ...parameters,
      }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }
}
