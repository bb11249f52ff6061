import { ed25519Jwk } from './admin-policy.js';

const key = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

describe('the public key of a service token', () => {
  it('is as tools write it', () => {
    const written = { ...key, kid: 'k1', use: 'sig', alg: 'EdDSA', key_ops: ['verify'], ext: true };
    for (const jwk of [key, written]) expect(ed25519Jwk.parse(jwk)).toEqual(jwk);
  });

  it.each([
    ['the private key beside it', { ...key, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }],
    ['a key for signing', { ...key, key_ops: ['sign'] }],
    ['a key of another kind', { ...key, crv: 'X25519' }],
    ['31 bytes', { ...key, x: key.x.slice(1) }],
  ])('is refused: %s', (_, jwk) => {
    expect(ed25519Jwk.safeParse(jwk).success).toBe(false);
  });
});
