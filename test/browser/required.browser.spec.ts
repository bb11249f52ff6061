import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import type { Screen } from './support/person-at-a-browser.js';
import { lookAt } from './support/picture.js';
import { useStage } from './support/stage.js';
import { t, wordsOf } from './support/words.js';

const stage = useStage();
const REQUIRED = t('settings.fields.required.label');
const DAYS = t('settings.fields.graceDays.label');

const settingsOf = async (portal: Portal): Promise<Screen> =>
  (await stage.open()).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}/settings/security`)}`);
/** The key that is on the screen is in the person's phone from here on. */
async function scan(screen: Screen, person: Person) {
  const key = await screen.page.getByTestId('manual-key').innerText();
  return person.scan(`otpauth://totp/x?secret=${key.replaceAll(' ', '')}&period=30`);
}
const places = (screen: Screen) => screen.page.getByRole('navigation').getByRole('link').count();

describe('2FA that is required, in a browser', () => {
  it('R37 is set in Settings, which say whom it concerns before it is saved', async () => {
    const portal = await Portal.make(stage.stack, { id: 'acme', admin: 'grace' });
    for (const username of ['alice', 'bob']) await portal.register({ username });
    const screen = await settingsOf(portal);
    await screen.page.getByRole('switch', { name: REQUIRED }).locator('xpath=ancestor-or-self::label').click();
    await screen.see(t('settings.would.people', { count: 3 }));
    await screen.see(t('settings.would.days', { count: 7 }));
    await screen.see(t('settings.would.you'));
    await screen.type(DAYS, '0');
    await screen.page.keyboard.press('Tab');
    await screen.see(t('settings.would.atOnce'));
    await lookAt('settings-required', screen);
    await screen.type(DAYS, '3');
    await screen.page.keyboard.press('Tab');
    await screen.press(t('action.save'));
    await screen.see(t('settings.saved'));
    expect(await portal.settings()).toMatchObject({ required: true, graceDays: 3 });
  });

  it('R37 is told at the login and on My profile within the time of grace', async () => {
    const portal = await Portal.make(stage.stack, { required: true, graceDays: 7 });
    const person = await portal.register();
    const screen = await (await stage.open()).enterPassword(person);
    await screen.seeHeading(t('profile.title'));
    const { graceEndsAt } = (await portal.api.account(portal.id, person.id)).success();
    const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
    const until = format.format(Date.parse(graceEndsAt!));
    await screen.see(t('login.enrolmentUntil', { until }));
    await screen.see(t('twoFactor.required.until', { until }));
    expect(await places(screen)).toBe(1);
  });

  it('R37 leads through setting up after it, by the keyboard alone, and on to everything without another login', async () => {
    const portal = await Portal.make(stage.stack, { id: 'globex', required: true, graceDays: 0 });
    const person = await portal.register({ username: 'grace', admin: true });
    const screen = await stage.open();
    await screen.go(`/login?next=${encodeURIComponent(`/p/${portal.id}/contributors`)}`);
    await screen.enterPassword(person);
    await screen.seeHeading(t('twoFactor.required.title'));
    await screen.see(t('twoFactor.required.now'));
    expect(await places(screen)).toBe(1);
    expect(await screen.heading(t('password.title')).count()).toBe(0);
    await lookAt('profile-required', screen);
    await screen.go(`/p/${portal.id}/settings/security`);
    await screen.seeHeading(t('twoFactor.required.title'));
    await screen.button(t('twoFactor.setUp')).focus();
    await screen.page.keyboard.press('Enter');
    const phone = await scan(screen, person);
    expect(await screen.button(t('twoFactor.cancelSetup')).count()).toBe(0);
    await screen.field(t('code.app')).focus();
    await screen.page.keyboard.type(phone.freshCode());
    await screen.seeHeading(t('backup.title'));
    await until('there is everywhere to go', async () => (await places(screen)) === 4);
    // the codes are still there, once
    await screen.seeHeading(t('backup.title'));
    await screen.press(t('backup.done'));
    await screen.seeHeading(t('profile.title'));
    await screen.go(`/p/${portal.id}/contributors`);
    await screen.seeHeading(t('contributors.title'));
    expect(screen.faults).toEqual([]);
  });

  it('R37 leads back to it at once who disables their own after it', async () => {
    const portal = await Portal.make(stage.stack, { required: true, graceDays: 0 });
    const person = await portal.register();
    const screen = await (await stage.open()).enterPassword(person);
    await screen.press(t('twoFactor.setUp'));
    const phone = await scan(screen, person);
    await screen.type(t('code.app'), phone.freshCode());
    await screen.press(t('backup.done'));
    await screen.press(t('twoFactor.disable'));
    await screen.press(t('twoFactor.ask.disable.ok'));
    await screen.seeHeading(t('twoFactor.required.title'));
    await until('nothing else is there', async () => (await screen.heading(/./).count()) === 2);
  });

  it('R37 shows administrators who is overdue, who has time, and whose time has not begun', async () => {
    const portal = await Portal.make(stage.stack, { id: 'initech', admin: 'grace' });
    await portal.admin.enrol();
    const [late, inTime, waiting] = [
      await portal.register({ username: 'alice' }),
      await portal.register({ username: 'bob' }),
      await portal.register({ username: 'carol' }),
    ];
    await portal.set({ required: true, graceDays: 0 });
    await late.enterPassword();
    await portal.set({ graceDays: 1 });
    await inTime.enterPassword();
    const screen = await stage.open();
    await screen.logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}/contributors`)}`);
    for (const name of ['overdue', 'inGrace', 'notStarted'])
      await screen.see(t(`contributors.count.${name}`, { count: 1 }));
    await screen.see(/Overdue since/);
    await lookAt('contributors-required', screen);
    for (const [due, person] of [
      ['overdue', late],
      ['in-grace', inTime],
      ['not-started', waiting],
    ] as const) {
      await screen.page.getByRole('button', { name: t('contributors.required') }).click();
      await screen.page.getByRole('option', { name: t(`contributors.due.${due}`) }).click();
      await until(`only ${due} is listed`, async () => {
        const names = await screen.page.getByRole('row').allInnerTexts();
        return names.length === 2 && names.some((row) => row.includes(person.credentials.username));
      });
    }
    await screen.go(`/p/${portal.id}/contributors/${late.id}`);
    await screen.see(t('contributors.required'));
    await screen.see(/Overdue since/);
  });

  it('R37 is said in German too', async () => {
    const german = wordsOf('de');
    const portal = await Portal.make(stage.stack, { id: 'hooli', required: true, graceDays: 0 });
    const person = await portal.register({ username: 'anna' });
    const screen = await stage.open({ locale: 'de-CH' });
    await screen.go(`/login?portal=${portal.id}`);
    await screen.type(german('login.username'), person.credentials.username);
    await screen.type(german('login.password'), person.credentials.password);
    await screen.press(german('login.action'));
    await screen.seeHeading(german('twoFactor.required.title'));
    await screen.see(german('twoFactor.required.now'));
    await lookAt('profile-required-german', screen);
  });
});
