import { refuseSecrets } from './arguments.js';
import { type CommandError } from './exit.js';

const refusal = (args: readonly string[], known: readonly string[] = []): CommandError | undefined => {
  try {
    refuseSecrets(args, known);
    return undefined;
  } catch (error) {
    return error as CommandError;
  }
};

describe('arguments', () => {
  it.each([
    ['a session', 'ses_Zm9vYmFyYmF6cXV4'],
    ['a service token behind an option', '--portal=svc_Zm9vYmFyYmF6cXV4'],
    ['a login token', 'lgn_Zm9vYmFyYmF6cXV4'],
    ['a header', 'Authorization: Bearer abc'],
    ['a key ring', `k1:${'A'.repeat(43)}=`],
    ['a secret', 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP'],
    ['an export of Google Authenticator', 'otpauth-migration://offline?data=CjEK'],
    ['a PEM file', '-----BEGIN PRIVATE KEY-----'],
    ['a hash', '$2b$12$abcdefghijklmnopqrstuu'],
    ['a JWT', 'eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiIxIn0.sig'],
    ['a private JWK', '{"kty":"OKP","d":"secret"}'],
    ['a password in a URL', '--url=https://ada:hunter22@portal.example'],
    ['32 random bytes', 'q0zWc1kQ7Yt3vB9nXs5LhRfJ2mPeUoAdGiTgKyCxNw8'],
  ])('%s is refused, and not quoted', (_, arg) => {
    const refused = refusal(['people', 'list', arg]);
    expect(refused).toMatchObject({ exit: 'usage' });
    const quoted = arg.replace(/^--\w+=/, '');
    expect(refused!.message).not.toContain(quoted);
    expect(refused!.message).toContain('twinlock help secrets');
  });

  it.each(['--password', '--password=hunter22', '--token=x', '-pw', '--code=123456', '--secret', '--backup-code=a'])(
    '%s is no option, and what stands behind it is not quoted',
    (arg) => {
      const refused = refusal(['login', arg, 'hunter22']);
      expect(refused).toMatchObject({ exit: 'usage' });
      expect(refused!.message).not.toMatch(/hunter22|123456/);
    },
  );

  it('what the environment has as a secret is refused, whatever it looks like', () => {
    expect(refusal(['people', 'show', 'tomato'], ['tomato'])).toMatchObject({ exit: 'usage' });
    expect(refusal(['people', 'show', 'tomato'], [''])).toBeUndefined();
  });

  it.each([
    ['people', 'show', '0c9c3a0e-6c2f-4f0a-9e0f-3f1f6f0f5a11'],
    ['people', 'show', 'external:u-1042'],
    ['login', '--url', 'https://portal.example:8443', '--password-file', '/run/secrets/ada'],
    ['settings', 'set', 'sso', 'issuer=https://idp.example', 'jwksUri=https://idp.example/jwks'],
    ['events', 'list', '--type', 'two-factor.account-locked.v1', '--from', '2026-11-24T09:30:00Z'],
    ['portals', 'create', 'acme', '--admin', 'ada@example.com'],
    ['dead-letters', 'show', '--id', 'two-factor:identity:12:0'],
  ])('%s %s … is taken', (...args) => expect(refusal(args)).toBeUndefined());
});
