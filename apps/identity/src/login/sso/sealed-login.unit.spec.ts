import { newRingKey } from '#libs/vault/src/keyring.js';
import { type BegunLogin, LoginSealer, providerHash } from './sealed-login.js';

const [older, newer] = [newRingKey('k1'), newRingKey('k2')];
const login: BegunLogin = {
  portal: 'p'.repeat(63),
  provider: providerHash({ issuer: 'https://idp.example', audience: 'a', jwksUri: 'https://idp.example/jwks' }),
  redirectUri: `https://${'x'.repeat(200)}.example/console/sso/callback/${'p'.repeat(63)}`,
  state: 's'.repeat(43),
  nonce: 'n'.repeat(43),
  verifier: 'v'.repeat(43),
  expiresAt: Date.UTC(2026, 10, 24),
};

describe('a login that waits in the browser', () => {
  it('opens as it was, and fits into a cookie and the call that takes it', () => {
    const sealer = new LoginSealer([older]);
    const sealed = sealer.seal(login);
    expect(sealer.open(sealed)).toEqual(login);
    expect(sealed).toMatch(/^[\w-]{1,1024}$/);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('vvvv');
  });

  it('opens under every key of the ring, and under no other', () => {
    const sealer = new LoginSealer([older]);
    const sealed = sealer.seal(login);
    sealer.useRing([newer, older]);
    expect(sealer.open(sealed)).toEqual(login);
    sealer.useRing([newer]);
    expect(sealer.open(sealed)).toBeNull();
  });

  it('does not open when any of it is another, nor does anything else', () => {
    const sealer = new LoginSealer([older]);
    const bytes = Buffer.from(sealer.seal(login), 'base64url');
    for (let at = 0; at < bytes.length; at += 7) {
      const altered = Buffer.from(bytes);
      altered[at]! ^= 1;
      expect(sealer.open(altered.toString('base64url'))).toBeNull();
    }
    for (const text of ['', 'x', bytes.subarray(0, 27).toString('base64url'), 'é'.repeat(100)])
      expect(sealer.open(text)).toBeNull();
  });
});

it('a provider is another one by its issuer or its client, and by nothing else', () => {
  const one = { issuer: 'https://idp.example', audience: 'a', jwksUri: 'https://idp.example/jwks', clientId: 'c' };
  expect(providerHash({ ...one, audience: 'b', jwksUri: 'x', clientSecretId: 's' })).toBe(providerHash(one));
  expect(providerHash({ ...one, clientId: 'd' })).not.toBe(providerHash(one));
  expect(providerHash({ ...one, issuer: 'https://idp.example/' })).not.toBe(providerHash(one));
});
