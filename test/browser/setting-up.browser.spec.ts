import { readFileSync } from 'node:fs';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import { appCode, readQrPhoto } from './support/phone.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const QR = t('twoFactor.qrAlt');
const APP = t('code.app');

/** Sets up on My profile; ends at the backup codes. */
async function setUp(screen: Screen, person: Person): Promise<void> {
  await screen.press(t('twoFactor.setUp'));
  const key = await screen.page.getByTestId('manual-key').innerText();
  await screen.page.getByAltText(QR).waitFor();
  const uri = await readQrPhoto(await screen.page.getByAltText(QR).screenshot());
  expect(uri).toContain(`secret=${key.replaceAll(' ', '')}`);
  await screen.type(APP, person.scan(uri!).freshCode());
  await screen.seeHeading(t('backup.title'));
}

describe('two-factor authentication on My profile', () => {
  it('R05 shows a QR code that another app reads, and the same key to type in and to copy', async () => {
    const screen = await (await stage.open()).logIn(await portal.register());
    await screen.press(t('twoFactor.setUp'));
    const picture = screen.page.getByAltText(QR);
    await picture.waitFor();
    const uri = new URL((await readQrPhoto(await picture.screenshot())) ?? 'nothing:');
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    const key = await screen.page.getByTestId('manual-key').innerText();
    expect(key).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret: key.replaceAll(' ', ''), issuer: 'Twinlock' });
    await screen.press(t('twoFactor.copyKey'));
    await screen.see(t('twoFactor.keyCopied'));
    expect(await screen.page.evaluate('navigator.clipboard.readText()')).toBe(key.replaceAll(' ', ''));

    await screen.type(APP, await appCode(uri.href, stage.stack.clock));
    await screen.seeHeading(t('backup.title'));
  });

  it('R06 is on only when a right code is entered, and ten wrong ones end the setup', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.press(t('twoFactor.setUp'));
    const uri = await readQrPhoto(await screen.page.getByAltText(QR).screenshot());
    person.scan(uri!);
    await screen.see(t('twoFactor.status.pending'));
    // until then login asks for no code
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading(t('profile.title'));
    await other.see(t('twoFactor.keyNotShown'));
    for (let i = 0; i < 8; i += 1)
      (await (await person.signIn()).api.confirm(person.phone.wrongCode())).refused('wrong-code');
    const wrong = async () => {
      await screen.type(APP, person.phone.wrongCode());
    };
    await wrong();
    await screen.see(t('problem.setup.wrong-code-left', { count: 1 }));
    await wrong();
    await screen.see(t('twoFactor.setupEnded'));
    await screen.button(t('twoFactor.setUp')).waitFor();
    expect((await person.api.me()).success().status).toBe('active');
  });

  it('R08 tells a Power Reader that it is for Contributors', async () => {
    const screen = await (await stage.open()).logIn(await portal.register({ type: 'power-reader' }));
    await screen.see(t('twoFactor.reason.contributors-only'));
    expect(await screen.button(t('twoFactor.setUp')).count()).toBe(0);
  });

  it('R09 shows the present state while it is off for the portal, and nothing to change it', async () => {
    const own = await Portal.make(stage.stack);
    const person = await own.enrolled();
    await own.set({ enabled: false });
    const screen = await (await stage.open()).logIn(person);
    await screen.see(t('twoFactor.reason.portal-off'));
    await screen.page.getByText(t('twoFactor.status.enabled'), { exact: true }).waitFor();
    for (const name of [
      t('twoFactor.setUp'),
      t('twoFactor.enable'),
      t('twoFactor.disable'),
      t('twoFactor.reset'),
      t('twoFactor.newCodes'),
    ]) {
      expect([name, await screen.button(name).count()]).toEqual([name, 0]);
    }
  });

  it('R10 shows ten backup codes once, to download or print, and a new set ends them', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await setUp(screen, person);
    const codes = await screen.page
      .getByRole('list', { name: t('backup.title') })
      .getByRole('listitem')
      .allInnerTexts();
    expect(codes).toHaveLength(10);
    for (const code of codes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const download = screen.page.waitForEvent('download');
    await screen.press(t('backup.download'));
    const file = readFileSync(await (await download).path(), 'utf8');
    expect((await download).suggestedFilename()).toBe(`twinlock-backup-codes-${portal.id}.txt`);
    expect(file.split('\n').filter((line) => codes.includes(line))).toEqual(codes);
    await screen.page.evaluate("window.print = () => document.body.setAttribute('data-printed', '')");
    await screen.press(t('backup.print'));
    await screen.page.locator('body[data-printed]').waitFor();
    // on paper as in the file: whose they are, of when, and nothing else of the page
    await screen.page.emulateMedia({ media: 'print' });
    const paper = await screen.text();
    for (const text of [file, paper]) {
      for (const said of ['Twinlock', person.credentials.username, portal.id, t('backup.made'), ...codes]) {
        expect([said, text.includes(said)]).toEqual([said, true]);
      }
      expect(text).toMatch(/\b20\d\d\b/);
    }
    for (const other of [
      t('profile.title'),
      t('backup.download'),
      t('backup.done'),
      t('login.password'),
      t('twoFactor.enabledNow'),
    ]) {
      expect([other, paper.includes(other)]).toEqual([other, false]);
    }
    await screen.page.emulateMedia({ media: 'screen' });

    // they are gone with the screen
    await screen.page.reload();
    await screen.see(t('twoFactor.left', { count: 10 }));
    expect(await screen.page.content()).not.toContain(codes[0]);
    await screen.press(t('twoFactor.newCodes'));
    await screen.press(t('twoFactor.ask.newCodes.ok'));
    await screen.seeHeading(t('backup.title'));
    await screen.press(t('backup.done'));
    await screen.gone(t('backup.title'));
    (await person.enterBackupCode(codes[0]!)).refused('wrong-code');
  });

  it('R11 turns off after OK, and login asks for no code', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    await screen.press(t('twoFactor.disable'));
    await screen.press(t('action.cancel'));
    await screen.gone(t('twoFactor.ask.disable.title'));
    await screen.page.getByText(t('twoFactor.status.enabled'), { exact: true }).waitFor();
    await screen.press(t('twoFactor.disable'));
    await screen.press(t('twoFactor.ask.disable.ok'));
    await screen.see(t('twoFactor.disabled'));
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading(t('profile.title'));
  });

  it('R13 makes a new key at reset, and codes of the old one are refused', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    const old = person.phone;
    await screen.press(t('twoFactor.reset'));
    await screen.press(t('twoFactor.ask.reset.ok'));
    const picture = screen.page.getByAltText(QR);
    await picture.waitFor();
    const uri = await readQrPhoto(await picture.screenshot());
    stage.stack.clock.advanceToStep(old.lastShown + 1);
    await screen.type(APP, old.freshCode());
    await screen.see(t('problem.setup.wrong-code-left', { count: 9 }));
    await screen.type(APP, person.scan(uri!).freshCode());
    await screen.seeHeading(t('backup.title'));
  });

  it('R14 asks for the password, and for a code while it is on, when the last proof is 10 minutes old', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    stage.stack.clock.advance(601);
    await screen.press(t('twoFactor.setUp'));
    await screen.seeHeading(t('proof.title'));
    await screen.page.getByRole('dialog').getByLabel(t('login.password'), { exact: true }).fill('not the password');
    await screen.press(t('action.continue'));
    await screen.see(t('problem.proof.invalid-credentials'));
    await screen.page
      .getByRole('dialog')
      .getByLabel(t('login.password'), { exact: true })
      .fill(person.credentials.password);
    await screen.press(t('action.continue'));
    const picture = screen.page.getByAltText(QR);
    await picture.waitFor();
    person.scan((await readQrPhoto(await picture.screenshot()))!);
    await screen.type(APP, person.phone.freshCode());
    await screen.press(t('backup.done'));

    stage.stack.clock.advance(601);
    await screen.press(t('twoFactor.disable'));
    await screen.press(t('twoFactor.ask.disable.ok'));
    const dialog = screen.page.getByRole('dialog');
    await dialog.getByLabel(t('login.password'), { exact: true }).fill(person.credentials.password);
    await dialog.getByLabel(APP, { exact: true }).fill(person.phone.freshCode());
    await screen.see(t('twoFactor.disabled'));
  });
});
