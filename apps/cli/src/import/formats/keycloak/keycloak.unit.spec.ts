import { base32nopad } from '@scure/base';
import { accountIn, convert, fixture } from '../testing/convert.js';

const exported = fixture('keycloak-26.7.3.json');
type Json = Record<string, unknown>;
const otp = (secret: Json, data: Json, more: Json = {}) => ({
  type: 'otp',
  secretData: JSON.stringify(secret),
  credentialData: JSON.stringify(data),
  ...more,
});
const password = (algorithm: string, additionalParameters: Json = {}, hashIterations = 27_500) => ({
  type: 'password',
  secretData: JSON.stringify({ value: Buffer.alloc(64, 1).toString('base64'), salt: 'JeaovUzusYYQv4yMW7YFYQ==' }),
  credentialData: JSON.stringify({ hashIterations, algorithm, additionalParameters }),
});
const passkey = { type: 'webauthn', secretData: '{}', credentialData: '{}' };
const recoveryCodes = { ...passkey, type: 'recovery-authn-codes' };
const totp = otp({ value: 'bHouQOWnljfQA2qMzMnv' }, { subType: 'totp', digits: 6, period: 30, algorithm: 'HmacSHA1' });
const users = (...credentials: object[][]) =>
  JSON.stringify({
    realm: 'acme',
    users: credentials.map((some, index) => ({ username: `user${index}`, enabled: true, credentials: some })),
  });
const one = async (...credentials: object[]) => (await convert('keycloak', users(credentials)))[0]!;

describe("a realm of Keycloak's export", () => {
  it('has people with passwords and authenticators', async () => {
    const [ada, off, service] = await convert('keycloak', exported, { realm: 'r1' });
    expect(accountIn(ada)).toEqual({
      username: 'ada',
      externalId: 'ca2bbd48-b6f5-483a-9a96-9d22c070a663',
      type: 'contributor',
      displayName: 'Ada L',
      email: 'ada@example.com',
      passwordHash: '$argon2id$v=19$m=7168,t=5,p=1$5norUKl2mbr0oA229DCdcw$xJjDaQQUhpRH37eKiTZJopP/w4ItwA9QjQUwZ/Tq59g',
      totp: [
        {
          // the text itself is the secret
          secret: base32nopad.encode(Buffer.from('bHouQOWnljfQA2qMzMnv')),
          algorithm: 'SHA256',
          digits: 8,
          period: 60,
          name: 'Phone',
        },
      ],
    });
    expect(off).toEqual({ where: 'user 2', username: 'off', code: 'account-disabled' });
    expect(service).toEqual({ where: 'user 3', username: 'service-account-svc', code: 'service-account' });
  });

  it('may have PBKDF2, and accounts with nothing', async () => {
    const [grace, other] = await convert('keycloak', exported, { realm: 'r2' });
    expect(accountIn(grace).passwordHash).toBe(
      '$pbkdf2-sha256$i=600000,l=32$JeaovUzusYYQv4yMW7YFYQ$MV6Kc98k41ozMnZFlcoepu5hcsJmUqsIA5w0vXbg2bI',
    );
    expect(accountIn(other)).toMatchObject({ username: 'noscheme', email: 'x@example.com' });
  });

  it('must be said where the file has several', async () => {
    await expect(convert('keycloak', exported)).rejects.toThrow('has the realms r1, r2, master: say which one');
    await expect(convert('keycloak', exported, { realm: 'r3' })).rejects.toThrow('say which one with --realm');
  });

  it('without users says where they are', async () => {
    await expect(convert('keycloak', '{"realm":"acme"}')).rejects.toThrow('acme-users-0.json');
  });
});

describe('of the credentials', () => {
  it.each([
    ['pbkdf2', '$pbkdf2-sha1$i=27500,l=64$'],
    ['pbkdf2-sha512', '$pbkdf2-sha512$i=27500,l=64$'],
  ])('a password by %s is told as %s…', async (algorithm, begin) => {
    expect(accountIn(await one(password(algorithm))).passwordHash).toMatch(
      new RegExp(`^\\${begin.replaceAll('$', '\\$').slice(1)}`),
    );
  });

  it('argon2 has its variant and version in the string, for the call to judge', async () => {
    const parameters = { type: ['i'], version: ['1.0'], memory: ['64'], parallelism: ['4'] };
    const { passwordHash } = accountIn(await one(password('argon2', parameters, 3)));
    expect(passwordHash).toMatch(/^\$argon2i\$v=16\$m=64,t=3,p=4\$JeaovUzusYYQv4yMW7YFYQ\$/);
  });

  it('a secret in Base32 stays, and one without its parameters has those of Keycloak', async () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const account = accountIn(await one(otp({ value: secret }, { secretEncoding: 'BASE32' })));
    expect(account.totp).toEqual([{ secret, algorithm: 'SHA1', digits: 6, period: 30 }]);
  });

  it.each([
    ['codes that count', [totp, otp({ value: 'x' }, { subType: 'hotp' })], 'credentials.1', 'hotp-unsupported'],
    ['a passkey alone', [password('pbkdf2'), passkey], 'credentials.1', 'credential-unsupported'],
    ['another hash', [password('bcrypt')], 'credentials.0.credentialData.algorithm', 'hash-unsupported'],
    ['no hash at all', [password('constructor')], 'credentials.0.credentialData.algorithm', 'hash-unsupported'],
    ['argon2 without its memory', [password('argon2')], 'credentials.0.credentialData', 'malformed'],
    [
      'another algorithm',
      [otp({ value: 'x' }, { algorithm: 'HmacMD5' })],
      'credentials.0.credentialData.algorithm',
      'algorithm-unsupported',
    ],
    ['another encoding', [otp({ value: 'x' }, { secretEncoding: 'HEX' })], 'credentials.0.credentialData', 'malformed'],
    ['no secret', [otp({}, {})], 'credentials.0.secretData', 'malformed'],
    ['no JSON', [{ ...totp, secretData: '{' }], 'credentials.0.secretData', 'malformed'],
  ])('%s: the account is refused', async (_, credentials, field, code) => {
    expect(await one(...credentials)).toEqual({ where: 'user 1', username: 'user0', field, code });
  });

  it('those that cannot be moved are left out and told, where an app remains', async () => {
    const converted = await one(totp, passkey, recoveryCodes, { ...passkey, type: 'password-history' });
    expect(converted).toMatchObject({ leftOut: ['webauthn', 'recovery-authn-codes'] });
    expect(accountIn(converted).totp).toHaveLength(1);
  });

  it('a user who is none does not stop the others', async () => {
    const text = JSON.stringify({ realm: 'acme', users: [{ username: 7 }, 'x', { username: 'ada' }] });
    const [first, second, third] = await convert('keycloak', text);
    expect([first, second]).toEqual([
      { where: 'user 1', field: 'username', code: 'malformed' },
      { where: 'user 2', field: '', code: 'malformed' },
    ]);
    expect(accountIn(third).username).toBe('ada');
  });
});
