import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBase32 } from '#test/support/people/authenticator.js';
import { runImport } from '#test/support/process/run-import.js';
import { INSTALL_MS } from '#test/support/servers/installed-by.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { checkCode } from './check-code.js';
import { codeOf, missingOathtool, type Parameters } from './oathtool.js';
import { type Enrolment, PrivacyIdea } from './privacyidea.js';

(missingOathtool === undefined ? describe : describe.skip)(missingOathtool ?? "privacyIDEA's people", () => {
  const stack = useStack({ engine: 'embedded' });
  const portal = usePortal(stack);
  const gateway = useGateway(portal);
  const enrolments: Enrolment[] = [
    { username: 'ada', algorithm: 'SHA1', digits: 6, period: 30 },
    { username: 'grace', algorithm: 'SHA256', digits: 8, period: 60 },
    { username: 'lin', algorithm: 'SHA512', digits: 8, period: 30 },
    { username: 'lin', algorithm: 'SHA1', digits: 6, period: 60 },
    { username: 'bob', kind: 'hotp' },
  ];
  let privacyidea: PrivacyIdea | undefined;
  /** As the apps of the people have them. */
  let uris: string[];
  let folder: string;
  let args: string[];
  beforeAll(async () => {
    privacyidea = await PrivacyIdea.make(['ada', 'grace', 'lin', 'bob']);
    uris = await privacyidea.enrol(enrolments);
    const { pskc, owners, key } = await privacyidea.export();
    folder = mkdtempSync(join(tmpdir(), 'import-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const given = ['--owners', file('owners', owners), '--password-file', file('key', key)];
    args = ['--from', 'privacyidea', '--portal', portal.id, ...given, file('pskc.xml', pskc)];
  }, INSTALL_MS);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await privacyidea?.remove();
  });

  const codeOn = (phone: number) => {
    const shown = new URL(uris[phone]!).searchParams;
    const { algorithm, digits, period } = enrolments[phone] as Parameters;
    return codeOf(fromBase32(shown.get('secret')!), { algorithm, digits, period });
  };
  it('are imported with all of their keys, or told why not', async () => {
    const dry = await runImport(stack, [...args, '--dry-run']);
    expect(dry.stdout).toContain('Nothing was changed: 3 would be created, 0 there already, 1 would be refused');
    const { code, stdout, stderr } = await runImport(stack, args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^key OATH\w+ \(bob\): refused, hotp-unsupported/);
    expect(stdout).toContain('3 created, 0 there already, 1 refused');
    expect(await runImport(stack, args)).toMatchObject({
      stdout: expect.stringContaining('0 created, 3 there already'),
    });
  });

  it.each([
    ['ada', 0],
    ['grace', 1],
    ['lin', 2],
    ['lin', 3],
  ])('are asked for the code of the app that they have: %s, %d', async (username, phone) => {
    const code = await codeOn(phone);
    expect((await checkCode(portal, gateway, username, code)).success()).toMatchObject({
      passed: true,
      method: 'totp',
    });
    // a code is right once
    expect((await checkCode(portal, gateway, username, code)).code).toBe('wrong-code');
  });
});
