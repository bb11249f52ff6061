import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Portal, Person } from './portal.js';

type Algorithm = 'ES256' | 'RS256';

/** An identity provider on loopback: keys of its own, and ID tokens signed with them. */
export class IdentityProvider {
  readonly audience = 'twinlock-test';

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    private readonly keys: Record<Algorithm, CryptoKey>,
  ) {}

  static async start(): Promise<IdentityProvider> {
    const [ec, rsa] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('RS256')]);
    const jwks = JSON.stringify({
      keys: [
        { ...(await exportJWK(ec.publicKey)), kid: 'ES256', alg: 'ES256', use: 'sig' },
        { ...(await exportJWK(rsa.publicKey)), kid: 'RS256', alg: 'RS256', use: 'sig' },
      ],
    });
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(jwks);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    const issuer = `http://127.0.0.1:${address.port}`;
    return new IdentityProvider(issuer, server, { ES256: ec.privateKey, RS256: rsa.privateKey });
  }

  /** The portal trusts it, and the person is known to it. */
  async serve(portal: Portal, person: Person): Promise<void> {
    const { issuer, audience } = this;
    (await portal.api.changeSso(portal.id, { issuer, audience, jwksUri: `${issuer}/jwks` })).success();
    (await portal.api.changeAccount(portal.id, person.id, { ssoSubject: person.id })).success();
  }

  /** A new ID token for that person. `ageSeconds`: how long ago it was issued. */
  async idToken(person: Person, options: { algorithm?: Algorithm; ageSeconds?: number } = {}): Promise<string> {
    const { algorithm = 'ES256', ageSeconds = 0 } = options;
    const issued = Math.floor(person.stack.clock.now() / 1000) - ageSeconds;
    return new SignJWT({})
      .setProtectedHeader({ alg: algorithm, kid: algorithm })
      .setIssuer(this.issuer)
      .setAudience(this.audience)
      .setSubject(person.id)
      .setIssuedAt(issued)
      .setExpirationTime(issued + 3600)
      .setJti(randomUUID())
      .sign(this.keys[algorithm]);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
