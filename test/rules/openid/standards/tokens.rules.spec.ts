import { hash } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { type Changes, type TokenBody, useByHand } from '#test/support/people/by-hand.js';
import { useProduct, usePortal } from '#test/support/use-stack.js';

const product = useProduct();
const portal = usePortal(product);
const byHand = useByHand(product, portal);
const others = useByHand(product, portal);

const leftHalf = (text: string) => hash('sha256', text, 'buffer').subarray(0, 16).toString('base64url');
/** As an application has to verify it (Core §3.1.3.7). */
async function verified(idToken: string) {
  const keys = (await (await fetch(`${byHand.issuer}/jwks`)).json()) as JSONWebKeySet;
  const { payload } = await jwtVerify(idToken, createLocalJWKSet(keys), {
    issuer: byHand.issuer,
    audience: byHand.application.clientId,
    algorithms: ['ES256'],
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
  });
  return payload;
}
const noStore = (headers: Headers) => expect(headers.get('cache-control')).toContain('no-store');

describe('OpenID Connect Core 1.0: the ID token', () => {
  it('R35 Core §2, §3.1.3.6 says who, for whom, by whom and until when, and is signed with a published key', async () => {
    const person = await portal.register();
    const { code, verifier } = await byHand.codeFor(person, { nonce: 'a nonce', max_age: '600' });
    const { body } = await byHand.redeem(code, verifier);
    const claims = await verified(body.id_token!);
    expect(claims).toMatchObject({ sub: person.id, aud: byHand.application.clientId, nonce: 'a nonce' });
    expect(claims.sub!.length).toBeLessThanOrEqual(255);
    expect(claims.exp! - claims.iat!).toBe(900);
    expect(claims.auth_time).toBeLessThanOrEqual(Math.ceil(product.clock.now() / 1_000));
    expect(decodeProtectedHeader(body.id_token!)).toEqual({ alg: 'ES256', kid: expect.any(String) as string });
    if (claims.at_hash !== undefined) expect(claims.at_hash).toBe(leftHalf(body.access_token!));
  });

  it('R35 Core §2 has no nonce where none was sent', async () => {
    const { id_token } = await byHand.tokensFor(await portal.register());
    expect(await verified(id_token!)).not.toHaveProperty('nonce');
  });

  it('R35 Core §5.4, §3.1.2.1 is not given without the scope openid', async () => {
    const { code, verifier } = await byHand.codeFor(await portal.register(), { scope: 'profile' });
    expect((await byHand.redeem(code, verifier)).body).not.toHaveProperty('id_token');
  });
});

describe('OpenID Connect Core 1.0: the token endpoint', () => {
  it('R35 Core §3.1.3.3, RFC 6749 §5.1 answers with a bearer token, and is cached by nobody', async () => {
    const { code, verifier } = await byHand.codeFor(await portal.register());
    const { status, headers, body } = await byHand.redeem(code, verifier);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('application/json');
    noStore(headers);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 900, id_token: expect.any(String) as string });
  });

  it.each([
    ['another redirect_uri', { redirect_uri: 'http://127.0.0.1:1/callback' }, 'invalid_grant'],
    ['no redirect_uri', { redirect_uri: undefined }, 'invalid_(grant|request)'],
    ['no code', { code: undefined }, 'invalid_request'],
    ['a code that there is not', { code: 'teapot' }, 'invalid_grant'],
    ['no grant_type', { grant_type: undefined }, 'invalid_request'],
    ['an unknown grant_type', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('R35 Core §3.1.3.2, §3.1.3.4 answers 400 in JSON to %s', async (_, changes: Changes, error) => {
    const { code, verifier } = await byHand.codeFor(await portal.register());
    const { status, headers, body } = await byHand.redeem(code, verifier, changes);
    expect([status, body.error]).toEqual([400, expect.stringMatching(error)]);
    expect(headers.get('content-type')).toContain('application/json');
    noStore(headers);
  });

  it('R35 Core §3.1.3.2 gives a code to the application alone that it was issued to', async () => {
    const { code, verifier } = await byHand.codeFor(await portal.register());
    const { redirectUri: redirect_uri } = byHand.application;
    const stolen = await others.redeem(code, verifier, { redirect_uri });
    expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_grant']);
  });

  it('R35 RFC 6749 §5.2 answers 401 to a client that does not prove who it is, and says how it may', async () => {
    const { code, verifier } = await byHand.codeFor(await portal.register());
    const { redirectUri: redirect_uri, clientId: client_id } = byHand.application;
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri };
    const basic = `Basic ${Buffer.from(`${client_id}:a guess`).toString('base64')}`;
    const guessed = await byHand.post<TokenBody>('/token', form, { authorization: basic });
    expect([guessed.status, guessed.body.error]).toEqual([401, 'invalid_client']);
    expect(guessed.headers.get('www-authenticate')).toMatch(/^Basic /);
    const unproved = await byHand.post<TokenBody>('/token', { ...form, client_id }, {});
    expect([unproved.status, unproved.body.error]).toEqual([401, 'invalid_client']);
    const secret = { client_id, client_secret: byHand.application.clientSecret };
    const posted = await byHand.post<TokenBody>('/token', { ...form, ...secret }, {});
    expect([posted.status, posted.body.error]).toEqual([401, 'invalid_client']);
  });

  it('R35 RFC 6749 §2.3 takes one proof of a client, not two', async () => {
    const { code, verifier } = await byHand.codeFor(await portal.register());
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const { status, body } = await byHand.redeem(code, verifier, { client_assertion: 'a.b.c', client_assertion_type });
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  it('R35 RFC 6749 §3.2 takes requests by POST alone, and no parameter twice', async () => {
    const { code, verifier } = await byHand.codeFor(await portal.register());
    const query = new URLSearchParams({ grant_type: 'authorization_code', code, code_verifier: verifier });
    const got = await fetch(`${byHand.issuer}/token?${query.toString()}`, { headers: byHand.authorization });
    expect([404, 405]).toContain(got.status);
    query.append('redirect_uri', byHand.application.redirectUri);
    query.append('code', code);
    expect((await byHand.post<TokenBody>('/token', query)).body.error).toBe('invalid_request');
  });
});

describe('OpenID Connect Core 1.0: refresh tokens', () => {
  const refresh = (of: typeof byHand, refresh_token: string) =>
    of.post<TokenBody>('/token', { grant_type: 'refresh_token', refresh_token });

  it('R35 Core §12.2 bring an ID token of the same person, application and login', async () => {
    const first = await byHand.tokensFor(await portal.register(), { nonce: 'a nonce' });
    const { status, headers, body } = await refresh(byHand, first.refresh_token!);
    expect(status).toBe(200);
    noStore(headers);
    const [before, after] = [await verified(first.id_token!), await verified(body.id_token!)];
    for (const claim of ['iss', 'sub', 'aud', 'auth_time', 'acr']) expect(after[claim]).toEqual(before[claim]);
    expect(after.iat).toBeGreaterThanOrEqual(before.iat!);
    expect([undefined, before.nonce]).toContain(after.nonce);
  });

  it('R35 Core §12.1, RFC 6749 §6 are good for the application alone that has them, and give no more scope', async () => {
    const { refresh_token } = await byHand.tokensFor(await portal.register());
    const stolen = await refresh(others, refresh_token!);
    expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_grant']);
    const form = { grant_type: 'refresh_token', refresh_token, scope: 'openid email' };
    expect((await byHand.post<TokenBody>('/token', form)).body.error).toBe('invalid_scope');
  });
});

describe('OpenID Connect Core 1.0: userinfo', () => {
  const userinfo = (access_token: string, init: RequestInit = {}) =>
    fetch(`${byHand.issuer}/me`, { ...init, headers: { authorization: `Bearer ${access_token}` } });

  it('R35 Core §5.3 takes GET and POST, and always says who: the person of the ID token', async () => {
    const person = await portal.register();
    const { access_token, id_token } = await byHand.tokensFor(person);
    for (const method of ['GET', 'POST']) {
      const response = await userinfo(access_token!, { method });
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('application/json'),
      ]);
      expect(await response.json()).toEqual({ sub: (await verified(id_token!)).sub });
    }
  });

  it('R35 Core §5.4 tells what the scopes ask for, and no more', async () => {
    const person = await portal.register({ displayName: 'Ada L.', email: 'ada@acme.example' });
    const claimsOf = async (scope: string) => {
      const { access_token } = await byHand.tokensFor(person, { scope });
      return Object.keys((await (await userinfo(access_token!)).json()) as object).sort();
    };
    expect(await claimsOf('openid profile')).toEqual(['name', 'preferred_username', 'sub']);
    expect(await claimsOf('openid email')).toEqual(['email', 'sub']);
  });

  it('R35 Core §5.3.3, RFC 6750 §3 answers 401 with a challenge where the token is not good, or is no access token', async () => {
    const { id_token, refresh_token } = await byHand.tokensFor(await portal.register());
    for (const token of ['teapot', id_token!, refresh_token!]) {
      const { status, headers } = await userinfo(token);
      expect([status, headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringMatching(/^Bearer .*invalid_token/),
      ]);
    }
    const without = await fetch(`${byHand.issuer}/me`);
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([
      401,
      expect.not.stringContaining('error='),
    ]);
  });
});
