import fc from 'fast-check';
import { type Claims, faultOf, handOverOf } from './hand-over-request.js';

const issuer = 'https://portal.example/p/acme';
const now = 1_784_000_000_500;
const seconds = Math.floor(now / 1_000);
const claims: Claims = {
  ...{ iss: 'cl1', client_id: 'cl1', aud: issuer, exp: seconds + 60, jti: 'j1', response_type: 'code' },
  ...{
    redirect_uri: 'https://gateway.example/cb',
    scope: 'openid',
    code_challenge: 'c',
    code_challenge_method: 'S256',
  },
  ...{ login_hint: 'external:u-1042', auth_time: seconds, acr_values: 'urn:twinlock:acr:2fa', nonce: 'n' },
};
const header: Claims = { alg: 'EdDSA', typ: 'oauth-authz-req+jwt' };
const faultWith = (changes: Claims, at = now) => faultOf({ ...claims, ...changes }, header, { issuer, now: at });

describe('faultOf', () => {
  it('R34 is null for what a gateway may ask', () => {
    expect(faultWith({})).toBeNull();
    expect(faultWith({ aud: [issuer], auth_time: seconds - 60, state: 's', ui_locales: 'de' })).toBeNull();
    const { acr_values: _, ...without } = claims;
    expect(faultOf({ ...without, scope: 'second_factor openid' }, header, { issuer, now })).toBeNull();
  });

  it('R34 is a sentence for a member that nobody knows', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), (name, value) => {
        fc.pre(
          !(name in claims) && !['iat', 'nbf', 'state', 'ui_locales', 'response_mode', '__proto__'].includes(name),
        );
        expect(faultWith({ [name]: value })).toBe(`a hand-over has no \`${name}\``);
      }),
    );
  });

  it('R34 is no error, whatever stands in it', () => {
    const any = fc.dictionary(fc.constantFrom(...Object.keys(claims), 'typ', 'response_mode'), fc.jsonValue());
    fc.assert(
      fc.property(any, any, (changes, head) => {
        const fault = faultOf({ ...claims, ...changes }, { ...header, ...head }, { issuer, now });
        expect(fault === null || fault.length > 0).toBe(true);
      }),
    );
  });

  it.each([
    ['auth_time', 60, null],
    ['auth_time', 61, /60 seconds ago/],
    ['auth_time', -6, /future/],
    ['exp', -66, /60 seconds ahead/],
  ])('R34 `%s` %i seconds before now: %s', (name, before, fault) => {
    const found = faultWith({ [name]: seconds - before }, seconds * 1_000);
    if (fault === null) expect(found).toBeNull();
    else expect(found).toMatch(fault);
  });
});

it('R34 what it asks for', () => {
  expect(handOverOf(claims)).toEqual({
    ...{ clientId: 'cl1', redirectUri: 'https://gateway.example/cb', codeChallenge: 'c', nonce: 'n' },
    ...{ account: 'external:u-1042', purpose: 'pass', provedAt: seconds * 1_000 },
  });
  expect(handOverOf({ ...claims, scope: 'openid second_factor' }).purpose).toBe('manage');
});
