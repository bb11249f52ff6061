import { execFileSync } from 'node:child_process';
import { fromBase32 } from '#test/support/people/authenticator.js';
import { successes, times } from '#test/support/calls/entrances.js';
import { ofType } from '#test/support/events.js';
import { readKeyUri } from '#test/support/people/key-uri.js';
import { readQrCode } from '#test/support/people/qr.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const issuer = 'Müller & Söhne (Bern)';
const stack = useStack({ env: { ISSUER: issuer } });
const portal = usePortal(stack);
const gateway = useGateway(portal);

describe('what setting up shows', () => {
  it('R05 is an otpauth URI with issuer, account, secret, algorithm, digits and period', async () => {
    const user = await portal.contributor();
    const { otpauthUri } = (await user.api.setUp()).success();
    const uri = new URL(otpauthUri);
    expect(otpauthUri).toMatch(/^otpauth:\/\/totp\//);
    const { secret, issuer: _, ...rest } = Object.fromEntries(uri.searchParams);
    expect(rest).toEqual({ algorithm: 'SHA1', digits: '6', period: '30' });
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(readKeyUri(otpauthUri)).toEqual({
      issuer,
      account: `${user.credentials.username}@${portal.id}`,
      secret,
    });
  });

  it('R05 holds a secret of 160 bits, another one each time', async () => {
    const user = await portal.contributor();
    const secrets = [];
    for (let i = 0; i < 20; i += 1) {
      const { otpauthUri } = (await user.api.setUp()).success();
      secrets.push(fromBase32(new URL(otpauthUri).searchParams.get('secret') ?? ''));
    }
    expect(secrets.map(({ length }) => length * 8)).toEqual(Array(20).fill(160));
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(20);
    // 3,200 random bits: within six standard deviations of half ones
    const ones = [...Buffer.concat(secrets)].reduce(
      (sum, byte) => sum + byte.toString(2).replaceAll('0', '').length,
      0,
    );
    expect(Math.abs(ones - 1600)).toBeLessThan(6 * Math.sqrt(3200 / 4));
  });

  it('R05 is also a key to type in: the same secret in groups of four', async () => {
    const user = await portal.contributor();
    const { otpauthUri, manualKey } = (await user.api.setUp()).success();
    expect(manualKey).toMatch(/^[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}$/);
    expect(manualKey.replaceAll(' ', '')).toBe(new URL(otpauthUri).searchParams.get('secret'));
  });

  it('R05 is also a QR code that a camera reads as the URI', async () => {
    const user = await portal.contributor();
    const { otpauthUri, qrCode } = (await user.api.setUp()).success();
    expect(qrCode).toMatch(/^data:image\/svg\+xml[;,]/);
    expect(readQrCode(qrCode)).toBe(otpauthUri);
  });

  it.each([
    'Zoë & Co: 50% #1?',
    '日本語/ユーザー',
    'a+b@example.org',
    'a:b',
    ':',
    "o'neill!*()",
    '𝔸::',
    '😀'.repeat(128),
    'a?secret=JBSWY3DPEHPK3PXP&issuer=Evil',
    'x&secret=AAAA',
    '%3Fsecret=AAAA',
    '</svg><script>',
    'é #/"',
  ])('R05 names any account, and nothing in its name changes the key: %s', async (username) => {
    const user = await (await portal.register({ username })).signIn();
    const { otpauthUri, qrCode, manualKey } = (await user.api.setUp()).success();
    expect(qrCode).not.toMatch(/script/i);
    const account = `${username.normalize('NFKC').replaceAll(':', '：')}@${portal.id}`;
    expect(readKeyUri(otpauthUri)).toEqual({ issuer, account, secret: manualKey.replaceAll(' ', '') });
    expect(readQrCode(qrCode)).toBe(otpauthUri);
    user.scan(otpauthUri);
    (await user.api.confirm(user.phone.freshCode())).success();
  });

  it('R05 works in any TOTP app: the key typed in, SHA-1, 6 digits, 30 seconds', async () => {
    const user = await portal.contributor();
    const { manualKey } = await user.beginSetUp();
    const step = stack.clock.startOfStep();
    expect(oathtool(manualKey, step) ?? user.phone.codeAt(step)).toBe(user.phone.codeAt(step));
    (await user.api.confirm(user.phone.codeAt(step))).success();
  });
});

describe('an account that is being set up', () => {
  it('R06 is asked for no code until a right one was entered (nextcloud twofactor_totp #214)', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ status: 'pending', backupCodesLeft: 0 });
    expect((await user.enterPassword()).success().status).toBe('complete');
    expect((await gateway.openChallenge(portal.id, user.id)).success()).toEqual({ required: false });

    (await user.api.confirm(user.phone.wrongCode())).refused('wrong-code');
    expect((await user.api.myTwoFactor()).success().status).toBe('pending');
    expect((await user.enterPassword()).success().status).toBe('complete');

    expect((await user.api.confirm(user.phone.freshCode())).success().status).toBe('enabled');
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ status: 'enabled', configurable: true });
    expect((await user.enterPassword()).success().status).toBe('code-required');
  });

  it('R06 is not enabled by a code of the secret that was shown before the last', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const first = user.phone;
    await user.beginSetUp();
    stack.clock.startOfStep();
    expect(first.currentCode()).not.toBe(user.phone.currentCode());
    (await user.api.confirm(first.currentCode())).refused('wrong-code');
    (await user.api.confirm(user.phone.currentCode())).success();
  });

  it('R06 tells who confirms with a code of another time how far the clock is off; nobody else is told', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const step = stack.clock.startOfStep();
    for (const off of [-20, 3, 20]) {
      const refusal = (await user.api.confirm(user.phone.codeAt(step + off))).refused('wrong-code');
      expect(refusal).toMatchObject({ clockOffSeconds: off * 30 });
    }
    const further = (await user.api.confirm(user.phone.codeAt(step + 25))).refused('wrong-code');
    expect(further).not.toHaveProperty('clockOffSeconds');

    (await user.api.confirm(user.phone.freshCode())).success();
    const early = user.phone.codeAt(stack.clock.step() + 10);
    expect((await user.enterCode(early)).refused('wrong-code')).not.toHaveProperty('clockOffSeconds');
  });

  it('R06 looks at no code that is meant for a setup which another has replaced', async () => {
    const user = await portal.contributor();
    const { setupId: first } = await user.beginSetUp();
    const dead = user.phone;
    const { setupId } = await user.beginSetUp();
    for (let i = 0; i < 12; i += 1) (await user.api.confirm(dead.wrongCode(), first)).refused('no-pending-setup');
    (await user.api.confirm(user.phone.currentCode(), first)).refused('no-pending-setup');
    expect((await user.api.confirm(user.phone.wrongCode(), setupId)).refused('wrong-code')).toMatchObject({
      attemptsLeft: 9,
    });
    (await user.api.confirm(user.phone.currentCode(), setupId)).success();
  });

  it('R06 bears nine wrong codes', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    for (let i = 0; i < 9; i += 1) (await user.api.confirm(user.phone.wrongCode())).refused('wrong-code');
    (await user.api.confirm(user.phone.freshCode())).success();
  });

  it('R06 is set up no more after ten wrong codes; the next secret is a new one, and nobody is locked', async () => {
    const user = await portal.contributor();
    const { otpauthUri } = await user.beginSetUp();
    for (let i = 0; i < 10; i += 1) (await user.api.confirm(user.phone.wrongCode())).refused('wrong-code');
    expect((await user.api.myTwoFactor()).success().status).toBe('none');
    (await user.api.confirm(user.phone.freshCode())).refused('no-pending-setup');
    expect((await portal.api.account(portal.id, user.id)).success().status).toBe('active');
    expect((await user.enterPassword()).success().status).toBe('complete');

    expect((await user.beginSetUp()).otpauthUri).not.toBe(otpauthUri);
    for (let i = 0; i < 9; i += 1) (await user.api.confirm(user.phone.wrongCode())).refused('wrong-code');
    (await user.api.confirm(user.phone.freshCode())).success();
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });

  it('R06 has ten wrong codes of 200 at the same moment looked at, then it has ended (ezauth #175)', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const wrong = user.phone.wrongCode();
    const answers = await times(200, () => user.api.confirm(wrong));
    const left = answers
      .filter(({ code }) => code === 'wrong-code')
      .map((answer) => answer.refused('wrong-code').attemptsLeft);
    expect(left.map(Number).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(answers.filter(({ code }) => code === 'no-pending-setup')).toHaveLength(190);
    const events = await portal.eventsOf(user, 'SetupFailed');
    expect(ofType(events, 'ConfirmationFailed')).toHaveLength(10);
    expect(ofType(events, 'SetupFailed')).toHaveLength(1);
    (await user.api.confirm(user.phone.freshCode())).refused('no-pending-setup');
    expect((await user.enterPassword()).success().status).toBe('complete');
  });

  it('R06 is enabled once: what is enabled is neither set up nor confirmed again', async () => {
    const user = await portal.enrolled();
    (await user.api.setUp()).refused('already-enabled');
    (await user.api.confirm(user.phone.freshCode())).refused('no-pending-setup');
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it('R06 is enabled by one of 10 right codes at the same moment, which shows the backup codes', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const code = user.phone.freshCode();
    const answers = await times(10, () => user.api.confirm(code));
    expect(successes(answers)).toBe(1);
    for (const answer of answers) if (answer.code !== null) answer.refused('no-pending-setup');
    const events = await portal.eventsOf(user, 'BackupCodesIssued');
    expect(ofType(events, 'TwoFactorEnabled')).toHaveLength(1);
    const { backupCodes } = answers.find((answer) => answer.code === null)!.success();
    (await user.enterBackupCode(backupCodes[0] as string)).success();
  });

  it('R06 begun several times at the same moment is confirmed by the last secret alone', async () => {
    const user = await portal.contributor();
    const uris = (await times(4, () => user.api.setUp())).map((answer) => answer.success().otpauthUri);
    let enabled = 0;
    for (const uri of uris) {
      const { code } = await user.api.confirm(user.scan(uri).freshCode());
      if (code === null) enabled += 1;
    }
    expect(enabled).toBe(1);
    const events = await portal.eventsOf(user, 'TwoFactorEnabled');
    expect(ofType(events, 'TwoFactorEnabled')[0]?.data.secretId).toBe(
      ofType(events, 'SecretIssued').at(-1)?.data.secretId,
    );
  });
});

/** The code that Debian's `oathtool` makes of the key; null where it is not installed. */
function oathtool(key: string, step: number): string | null {
  try {
    const at = new Date(step * 30_000).toISOString().replace('T', ' ').replace('Z', ' UTC');
    return execFileSync('oathtool', ['--totp', '--base32', `--now=${at}`, key.replaceAll(' ', '')], {
      encoding: 'utf8',
    }).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
