import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Portal, Person } from './portal.js';

type Algorithm = 'ES256' | 'RS256';

/** An identity provider on loopback: keys of its own, and ID tokens signed with them. */
export class IdentityProvider {
  readonly audience = 'twinlock-test';
  private keys: Record<Algorithm, CryptoKey> | undefined;
  private readonly server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(this.jwks);
  });
  private jwks = '';

  static start(): Promise<IdentityProvider> {
    return new IdentityProvider().open();
  }

  async open(): Promise<this> {
    const [ec, rsa] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('RS256')]);
    this.keys = { ES256: ec.privateKey, RS256: rsa.privateKey };
    this.jwks = JSON.stringify({
      keys: [
        { ...(await exportJWK(ec.publicKey)), kid: 'ES256', alg: 'ES256', use: 'sig' },
        { ...(await exportJWK(rsa.publicKey)), kid: 'RS256', alg: 'RS256', use: 'sig' },
      ],
    });
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get issuer(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the identity provider has not been opened');
    return `http://127.0.0.1:${address.port}`;
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
      .sign(this.keys![algorithm]);
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
