import { runImport } from '#test/support/process/run-import.js';
import { usePortal, useStack } from '#test/support/use-stack.js';
import { Keycloak, type User } from './keycloak.js';
import { codeOf, missingOathtool, type Parameters } from './oathtool.js';

/** It may have to be fetched, and starts in a minute; the export takes half of one. */
const EXPORT_MS = 600_000;

const ada: User = { username: 'ada', password: 'päss-ẞword of Ada' };
const grace: User = { username: 'grace', password: 'password of Grace' };
const lin: User = { username: 'lin', password: 'password of Lin' };
const standard: Parameters = { algorithm: 'SHA1', digits: 6, period: 30 };
const strong: Parameters = { algorithm: 'SHA256', digits: 8, period: 60 };

const person = ({ username, password }: User, more: object = {}) => ({
  username,
  email: `${username}@example.com`,
  emailVerified: true,
  firstName: username,
  lastName: 'Example',
  enabled: true,
  credentials: [{ type: 'password', value: password, temporary: false }],
  ...more,
});
const toEnrol = { requiredActions: ['CONFIGURE_TOTP'] };
const policyOf = ({ algorithm, digits, period }: Parameters) => ({
  otpPolicyType: 'totp',
  otpPolicyAlgorithm: algorithm.replace('SHA', 'HmacSHA'),
  otpPolicyDigits: digits,
  otpPolicyPeriod: period,
});

(missingOathtool === undefined ? describe : describe.skip)(missingOathtool ?? "Keycloak's people", () => {
  const stack = useStack({ engine: 'embedded' });
  /** By realm. */
  const portals = { standard: usePortal(stack), strong: usePortal(stack) };
  let keycloak: Keycloak | undefined;
  let exported: Record<'standard' | 'strong', readonly string[]>;
  /** As the apps of the people have them. */
  const secrets: Record<string, Buffer> = {};
  beforeAll(async () => {
    keycloak = await Keycloak.start();
    await keycloak.createRealm({
      realm: 'standard',
      ...policyOf(standard),
      users: [
        person(ada, toEnrol),
        person(lin),
        person({ username: 'off', password: 'x'.repeat(12) }, { enabled: false }),
      ],
      clients: [{ clientId: 'robot', serviceAccountsEnabled: true, publicClient: false, secret: 'robot' }],
    });
    await keycloak.createRealm({
      realm: 'strong',
      passwordPolicy: 'hashAlgorithm(pbkdf2-sha256)',
      ...policyOf(strong),
      users: [person(grace, toEnrol)],
    });
    secrets.ada = await keycloak.enrol('standard', ada, standard);
    secrets.grace = await keycloak.enrol('strong', grace, strong);
    await keycloak.stop();
    const usersOf = await keycloak.export();
    exported = { standard: usersOf('standard'), strong: usersOf('strong') };
  }, EXPORT_MS);
  afterAll(() => keycloak?.remove());

  const importInto = (realm: keyof typeof portals, ...more: string[]) =>
    runImport(stack, ['--from', 'keycloak', '--portal', portals[realm].id, ...more, ...exported[realm]]);
  const login = (realm: keyof typeof portals, { username, password }: User) =>
    stack.api.login({ portal: portals[realm].id, username, password });

  it('are imported, or told why not', async () => {
    const dry = await importInto('standard', '--dry-run');
    expect(dry.stdout).toContain('Nothing was changed: 2 would be created, 0 there already, 2 would be refused');
    const { code, stdout, stderr } = await importInto('standard');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/\(off\): refused, account-disabled/);
    expect(stdout).toMatch(/\(service-account-robot\): refused, service-account/);
    expect(stdout).toContain('2 created, 0 there already, 2 refused');
    expect(await importInto('strong')).toMatchObject({ code: 0, stdout: '1 created, 0 there already, 0 refused\n' });
  });

  it.each([
    ['argon2', 'standard', ada, standard],
    ['PBKDF2', 'strong', grace, strong],
  ] as const)(
    'log in with the password that is under %s, and the code of their app',
    async (_, realm, user, parameters) => {
      expect((await login(realm, { ...user, password: `${user.password}!` })).code).toBe('invalid-credentials');
      const answer = (await login(realm, user)).success();
      if (answer.status !== 'code-required') throw new Error(`no code is asked for: ${answer.status}`);
      const code = await codeOf(secrets[user.username]!, parameters);
      const complete = (await stack.api.sendCode(answer.challenge, { code })).success();
      expect(complete.status).toBe('complete');
      const me = (await stack.api.as((complete as { accessToken: string }).accessToken).me()).success();
      expect(me).toMatchObject({ displayName: `${user.username} Example`, email: `${user.username}@example.com` });
      // the hash was replaced by the login
      expect((await login(realm, user)).success().status).toBe('code-required');
    },
  );

  it('without an app, log in by password alone', async () => {
    expect((await login('standard', lin)).success().status).toBe('complete');
  });
});
