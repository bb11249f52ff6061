import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { TestClock } from '#test/support/clock.js';

export type Claims = Record<string, unknown>;
type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A bad identity provider on loopback: signs whatever it is asked to, and serves whatever it is told to. */
export class Forger {
  readonly audience = 'twinlock-test';
  /** Every path that was asked for. */
  readonly asked: string[] = [];
  /** What `/jwks` answers; its true keys unless told. */
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
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [this.publicJwk] }));
  }
}

/** A token that nobody signed. */
export const unsigned = (header: Claims, claims: Claims, signature = ''): string =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + `.${signature}`;
