import { useByHand } from '#test/support/people/by-hand.js';
import { useProduct, usePortal } from '#test/support/use-stack.js';

const product = useProduct();
const portal = usePortal(product);
const byHand = useByHand(product, portal);

type Metadata = Record<string, string | boolean | string[]>;
async function fetched<Body>(path: string): Promise<{ status: number; headers: Headers; body: Body }> {
  const response = await fetch(`${byHand.issuer}${path}`);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}
const metadata = async () => (await fetched<Metadata>('/.well-known/openid-configuration')).body;
type Jwk = Record<string, string>;
const keys = async () => (await fetched<{ keys: Jwk[] }>('/jwks')).body.keys;

describe('OpenID Connect Discovery 1.0', () => {
  it('R35 Discovery §4.2 answers 200 in JSON, without members that are empty', async () => {
    const { status, headers, body } = await fetched<Metadata>('/.well-known/openid-configuration');
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('application/json')]);
    for (const [name, value] of Object.entries(body)) expect([name, JSON.stringify(value)]).not.toEqual([name, '[]']);
  });

  it('R35 Discovery §4.3 names the issuer as it was asked for, and as ID tokens do', async () => {
    const { issuer } = await metadata();
    expect(issuer).toBe(byHand.issuer);
    const { id_token } = await byHand.tokensFor(await portal.register());
    const [, payload = ''] = id_token!.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ iss: issuer });
    expect(new URL(String(issuer)).search + new URL(String(issuer)).hash).toBe('');
  });

  it('R35 Discovery §3 has all members that it must have', async () => {
    const found = await metadata();
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'])
      expect([name, String(found[name]).startsWith(`${byHand.issuer}/`)]).toEqual([name, true]);
    expect(found).toMatchObject({
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      scopes_supported: expect.arrayContaining(['openid']) as string[],
      acr_values_supported: ['urn:twinlock:acr:1fa', 'urn:twinlock:acr:2fa'],
    });
  });

  it('R35 Discovery §3 says of what is not there that it is not', async () => {
    const found = await metadata();
    expect(found.claims_parameter_supported ?? false).toBe(false);
    // missing would mean that it is
    expect(found.request_uri_parameter_supported).toBe(false);
    expect(found).not.toHaveProperty('registration_endpoint');
    for (const name of ['response_modes_supported', 'token_endpoint_auth_methods_supported'])
      expect(found[name]).toEqual(expect.any(Array));
    expect(found.token_endpoint_auth_methods_supported).toEqual(['client_secret_basic', 'private_key_jwt', 'none']);
    expect(found.token_endpoint_auth_signing_alg_values_supported).not.toContain('none');
  });

  it('R35 RFC 7636 §6.2, RFC 9126 §5, RFC 9207 §3, RP-Initiated Logout §2.1 announce what there is', async () => {
    expect(await metadata()).toMatchObject({
      code_challenge_methods_supported: ['S256'],
      pushed_authorization_request_endpoint: `${byHand.issuer}/request`,
      authorization_response_iss_parameter_supported: true,
      end_session_endpoint: `${byHand.issuer}/session/end`,
    });
  });

  it('R35 Core §5.3, Discovery §4 can be read by pages of other origins, where there is no secret', async () => {
    for (const path of ['/.well-known/openid-configuration', '/jwks']) {
      const { headers } = await fetch(`${byHand.issuer}${path}`, { headers: { origin: 'https://spa.example' } });
      expect([path, headers.get('access-control-allow-origin')]).toEqual([
        path,
        expect.stringMatching(/^(\*|https:\/\/spa\.example)$/),
      ]);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('the keys that are published', () => {
  it('R35 RFC 7517 §5, §8.5 are a JWK set', async () => {
    const { status, headers, body } = await fetched<object>('/jwks');
    expect([status, Object.keys(body)]).toEqual([200, ['keys']]);
    expect(headers.get('content-type')).toContain('application/jwk-set+json');
  });

  it('R35 RFC 7517 §4, RFC 7518 §6.2.1 have what a key must have, each with an id of its own', async () => {
    (await product.operator.rotateSigningKeys({ now: true })).success();
    (await product.operator.rotateSigningKeys()).success();
    const found = await keys();
    expect(found).toHaveLength(2);
    expect(new Set(found.map(({ kid }) => kid)).size).toBe(2);
    for (const key of found) {
      expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
      // both coordinates in full, 32 bytes each
      for (const name of ['x', 'y']) expect(Buffer.from(key[name]!, 'base64url')).toHaveLength(32);
    }
  });

  it('R35 RFC 7518 §6.2.2, §6.3.2, §6.4 have no private member, and no other that nobody needs', async () => {
    for (const key of await keys())
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });
});
