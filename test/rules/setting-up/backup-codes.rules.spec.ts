import { everywhereAtOnce, successes } from '#test/support/calls/entrances.js';
import { ofType } from '#test/support/events.js';
import { backupCodeForms, foundInFiles, plainText } from '#test/support/secrets.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);

const bare = (code: string) => code.replaceAll(/[^A-Z2-7]/g, '');

describe('backup codes', () => {
  it('R10 are ten of 80 random bits, 16 Base32 characters in groups', async () => {
    const { backupCodes } = await portal.enrolled();
    expect(backupCodes).toHaveLength(10);
    for (const code of backupCodes) expect(code).toMatch(/^[A-Z2-7]{4}([- ][A-Z2-7]{4}){3}$/);
    expect(new Set(backupCodes).size).toBe(10);
    // 160 characters of 32: all but surely more than 20 kinds
    expect(new Set(backupCodes.map(bare).join('')).size).toBeGreaterThan(20);
  });

  it('R10 are good for one login each, instead of a code', async () => {
    const user = await portal.enrolled();
    const [first, second] = user.backupCodes as [string, string];
    const { accessToken } = (await user.enterBackupCode(first)).success();
    expect((await stack.api.as(accessToken).me()).success().id).toBe(user.id);
    expect((await user.enterBackupCode(first)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
    (await user.enterBackupCode(second)).success();
    (await user.enterBackupCode(second)).refused('wrong-code');
  });

  it('R10 are typed with or without groups, in any case', async () => {
    const user = await portal.enrolled();
    const [a, b, c] = user.backupCodes as [string, string, string];
    (await user.enterBackupCode(bare(a))).success();
    (await user.enterBackupCode(b.toLowerCase())).success();
    (await user.enterBackupCode(bare(c).toLowerCase())).success();
    (await user.enterBackupCode(bare(a).toLowerCase())).refused('wrong-code');
  });

  it('R10 that was used is used in every way of writing it', async () => {
    const user = await portal.enrolled();
    const shown = user.backupCodes[0] as string;
    (await user.enterBackupCode(shown)).success();
    const plain = bare(shown);
    for (const again of [shown, plain, plain.toLowerCase(), ` ${plain} `, plain.match(/.{2}/g)?.join(' ') ?? '']) {
      (await user.enterBackupCode(again)).refused('wrong-code');
      (await user.enterCode(user.phone.freshCode())).success();
    }
  });

  it('R10 are good once of 30 times at the same moment over every entrance (artifact-keeper #1822)', async () => {
    await portal.set({ maxFailedAttempts: 100 });
    const user = await portal.enrolled();
    const answers = await everywhereAtOnce(user, gateway, { backupCode: user.backupCodes[3] as string });
    expect(successes(answers)).toBe(1);
    const events = await portal.eventsOf(user, 'AttemptFailed', 29);
    expect(ofType(events, 'BackupCodeUsed')).toHaveLength(1);
    expect(ofType(events, 'AttemptFailed')).toHaveLength(29);
    expect((await portal.api.account(portal.id, user.id)).success().twoFactor.backupCodesLeft).toBe(9);
    await portal.set({ maxFailedAttempts: 5 });
  });

  it('R10 of another account are wrong', async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    (await user.enterBackupCode(other.backupCodes[0] as string)).refused('wrong-code');
    (await other.enterBackupCode(other.backupCodes[0] as string)).success();
  });

  it('R10 made anew end the old set', async () => {
    const user = await portal.enrolled();
    const old = user.backupCodes;
    (await user.enterBackupCode(old[0] as string)).success();
    const { backupCodes } = (await user.api.newBackupCodes()).success();
    expect(backupCodes.filter((code) => old.includes(code))).toEqual([]);
    expect((await user.api.myTwoFactor()).success().backupCodesLeft).toBe(10);
    (await user.enterBackupCode(old[1] as string)).refused('wrong-code');
    (await user.enterBackupCode(backupCodes[0] as string)).success();
  });

  it("R10 left are counted: for the user, for the administrator, and in the login's answer at 3 or fewer", async () => {
    const user = await portal.enrolled();
    for (const [i, code] of user.backupCodes.entries()) {
      const left = 9 - i;
      const reply = (await user.enterBackupCode(code)).success();
      expect(reply.backupCodesLeft).toBe(left <= 3 ? left : undefined);
      expect((await user.api.myTwoFactor()).success().backupCodesLeft).toBe(left);
      expect((await user.api.me()).success().twoFactor.backupCodesLeft).toBe(left);
      const seen = (await portal.api.account(portal.id, user.id)).success();
      expect(seen.twoFactor).toEqual({ status: 'enabled', backupCodesLeft: left });
    }
    expect((await user.enterCode(user.phone.freshCode())).success().backupCodesLeft).toBe(0);
    (await user.enterBackupCode(user.backupCodes[9] as string)).refused('wrong-code');
  });

  it("R10 are counted in the administrator's list", async () => {
    const user = await portal.enrolled();
    (await user.enterBackupCode(user.backupCodes[0] as string)).success();
    const { accounts } = (await portal.api.accounts(portal.id, { query: user.credentials.username })).success();
    expect(accounts.find(({ id }) => id === user.id)?.twoFactor).toEqual({ status: 'enabled', backupCodesLeft: 9 });
  });

  it('R10 are shown once, and stored only as encrypted hashes', async () => {
    const user = await portal.enrolled();
    const secrets = user.backupCodes.flatMap((code, i) => backupCodeForms(`backup code ${i}`, code));
    const readable = [
      await user.api.raw('GET', '/v1/me'),
      await user.api.raw('GET', '/v1/me/two-factor'),
      await portal.api.raw('GET', `/v1/portals/${portal.id}/accounts/${user.id}`),
      await portal.api.raw('GET', `/v1/portals/${portal.id}/events/export?format=ndjson`),
    ];
    for (const { status, text } of readable) {
      expect(status).toBe(200);
      for (const code of user.backupCodes) expect(text).not.toContain(bare(code));
    }
    const stored = await stack.stored();
    expect(foundInFiles(plainText('the account id', user.id), stored)).not.toEqual([]);
    expect(foundInFiles(secrets, stored)).toEqual([]);
  });

  it('R10 are made when 2FA becomes active, not before', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    (await user.api.newBackupCodes()).refused('two-factor-not-enabled');
    expect((await user.api.myTwoFactor()).success().backupCodesLeft).toBe(0);
  });
});
