import { readFileSync } from 'node:fs';
import { type Person, Portal } from '#test/support/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import { appCode, readQrPhoto } from './support/phone.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const QR = 'QR code of the key shown next to it';
const APP = 'Code from your authenticator app';

/** Sets up on My profile; ends at the backup codes. */
async function setUp(screen: Screen, person: Person): Promise<void> {
  await screen.press('Set up');
  const key = await screen.page.getByTestId('manual-key').innerText();
  await screen.page.getByAltText(QR).waitFor();
  const uri = await readQrPhoto(await screen.page.getByAltText(QR).screenshot());
  expect(uri).toContain(`secret=${key.replaceAll(' ', '')}`);
  await screen.type(APP, person.scan(uri!).freshCode());
  await screen.seeHeading('Your backup codes');
}

describe('two-factor authentication on My profile', () => {
  it('R05 shows a QR code that another app reads, and the same key to type in and to copy', async () => {
    const screen = await (await stage.open()).logIn(await portal.register());
    await screen.press('Set up');
    const picture = screen.page.getByAltText(QR);
    await picture.waitFor();
    const uri = new URL((await readQrPhoto(await picture.screenshot())) ?? 'nothing:');
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    const key = await screen.page.getByTestId('manual-key').innerText();
    expect(key).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret: key.replaceAll(' ', ''), issuer: 'Twinlock' });
    await screen.press('Copy key');
    await screen.see('The key is copied.');
    expect(await screen.page.evaluate('navigator.clipboard.readText()')).toBe(key.replaceAll(' ', ''));

    await screen.type(APP, await appCode(uri.href, stage.stack.clock));
    await screen.seeHeading('Your backup codes');
  });

  it('R06 is on only when a right code is entered, and ten wrong ones end the setup', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.press('Set up');
    const uri = await readQrPhoto(await screen.page.getByAltText(QR).screenshot());
    person.scan(uri!);
    await screen.see('Being set up');
    // until then login asks for no code
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading('My profile');
    await other.see('The key is shown only once');
    for (let i = 0; i < 8; i += 1)
      (await (await person.signIn()).api.confirm(person.phone.wrongCode())).refused('wrong-code');
    const wrong = async () => {
      await screen.type(APP, person.phone.wrongCode());
    };
    await wrong();
    await screen.see('That code is not right. Make sure it is of the key shown here');
    await screen.see('After 1 more wrong one the setup ends.');
    await wrong();
    await screen.see('The setup has ended');
    await screen.button('Set up').waitFor();
    expect((await person.api.me()).success().status).toBe('active');
  });

  it('R08 tells a Power Reader that it is for Contributors', async () => {
    const screen = await (await stage.open()).logIn(await portal.register({ type: 'power-reader' }));
    await screen.see('Two-factor authentication is for Contributors; your account is a Power Reader.');
    expect(await screen.button('Set up').count()).toBe(0);
  });

  it('R09 shows the present state while it is off for the portal, and nothing to change it', async () => {
    const own = await Portal.make(stage.stack);
    const person = await own.enrolled();
    await own.set({ enabled: false });
    const screen = await (await stage.open()).logIn(person);
    await screen.see('Two-factor authentication is off for your portal.');
    await screen.page.getByText('On', { exact: true }).waitFor();
    for (const name of ['Set up', 'Enable 2FA', 'Disable 2FA', 'Reset 2FA', 'New backup codes']) {
      expect([name, await screen.button(name).count()]).toEqual([name, 0]);
    }
  });

  it('R10 shows ten backup codes once, to download or print, and a new set ends them', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await setUp(screen, person);
    const codes = await screen.page
      .getByRole('list', { name: 'Your backup codes' })
      .getByRole('listitem')
      .allInnerTexts();
    expect(codes).toHaveLength(10);
    for (const code of codes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const download = screen.page.waitForEvent('download');
    await screen.press('Download');
    const file = readFileSync(await (await download).path(), 'utf8');
    expect((await download).suggestedFilename()).toBe(`twinlock-backup-codes-${portal.id}.txt`);
    expect(file.split('\n').filter((line) => codes.includes(line))).toEqual(codes);
    await screen.page.evaluate("window.print = () => document.body.setAttribute('data-printed', '')");
    await screen.press('Print');
    await screen.page.locator('body[data-printed]').waitFor();
    // on paper as in the file: whose they are, of when, and nothing else of the page
    await screen.page.emulateMedia({ media: 'print' });
    const paper = await screen.text();
    for (const text of [file, paper]) {
      for (const said of ['Twinlock', person.credentials.username, portal.id, 'Created', ...codes]) {
        expect([said, text.includes(said)]).toEqual([said, true]);
      }
      expect(text).toMatch(/\b20\d\d\b/);
    }
    for (const other of ['My profile', 'Download', 'I have saved them', 'Password', 'is on']) {
      expect([other, paper.includes(other)]).toEqual([other, false]);
    }
    await screen.page.emulateMedia({ media: 'screen' });

    // they are gone with the screen
    await screen.page.reload();
    await screen.see('10 left');
    expect(await screen.page.content()).not.toContain(codes[0]);
    await screen.press('New backup codes');
    await screen.press('Create new codes');
    await screen.seeHeading('Your backup codes');
    await screen.press('I have saved them');
    await screen.gone('Your backup codes');
    (await person.enterBackupCode(codes[0]!)).refused('wrong-code');
  });

  it('R11 turns off after OK, and login asks for no code', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    await screen.press('Disable 2FA');
    await screen.press('Cancel');
    await screen.gone('Disable two-factor authentication?');
    await screen.page.getByText('On', { exact: true }).waitFor();
    await screen.press('Disable 2FA');
    await screen.press('OK');
    await screen.see('Two-factor authentication is off; the key and the backup codes have been destroyed.');
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading('My profile');
  });

  it('R13 makes a new key at reset, and codes of the old one are refused', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    const old = person.phone;
    await screen.press('Reset 2FA');
    await screen.press('Reset');
    const picture = screen.page.getByAltText(QR);
    await picture.waitFor();
    const uri = await readQrPhoto(await picture.screenshot());
    stage.stack.clock.advanceToStep(old.lastShown + 1);
    await screen.type(APP, old.freshCode());
    await screen.see('That code is not right.');
    await screen.type(APP, person.scan(uri!).freshCode());
    await screen.seeHeading('Your backup codes');
  });

  it('R14 asks for the password, and for a code while it is on, when the last proof is 10 minutes old', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    stage.stack.clock.advance(601);
    await screen.press('Set up');
    await screen.seeHeading('Confirm your identity');
    await screen.page.getByRole('dialog').getByLabel('Password', { exact: true }).fill('not the password');
    await screen.press('Continue');
    await screen.see('The password is not right.');
    await screen.page.getByRole('dialog').getByLabel('Password', { exact: true }).fill(person.credentials.password);
    await screen.press('Continue');
    const picture = screen.page.getByAltText(QR);
    await picture.waitFor();
    person.scan((await readQrPhoto(await picture.screenshot()))!);
    await screen.type(APP, person.phone.freshCode());
    await screen.press('I have saved them');

    stage.stack.clock.advance(601);
    await screen.press('Disable 2FA');
    await screen.press('OK');
    const dialog = screen.page.getByRole('dialog');
    await dialog.getByLabel('Password', { exact: true }).fill(person.credentials.password);
    await dialog.getByLabel(APP, { exact: true }).fill(person.phone.freshCode());
    await screen.see('Two-factor authentication is off; the key and the backup codes have been destroyed.');
  });
});
