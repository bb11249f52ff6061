import { ofType } from '#test/support/events.js';
import type { Person } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { usePortal } from '#test/support/use-stack.js';
import { focused } from './support/focus.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t, wordsOf } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const APP = t('code.app');
const BACKUP = t('code.backup');
const german = wordsOf('de');
const MALFORMED_BACKUP = t('code.malformedBackup');
const left = (count: number) => t('problem.wrong-code-left', { count });

const atTheCode = async (person: Person): Promise<Screen> => {
  const screen = await (await stage.open()).enterPassword(person);
  await screen.field(APP).waitFor();
  return screen;
};
const sent = (screen: Screen) => screen.urls.filter((url) => url.endsWith('/v1/login/code')).length;
const failures = async (person: Person) =>
  ofType(await portal.eventsOf(person, 'AttemptFailed'), 'AttemptFailed').length;

/** My profile while setting up, with the key on the phone. */
async function settingUp(person: Person): Promise<Screen> {
  const screen = await (await stage.open()).logIn(person);
  await screen.press(t('twoFactor.setUp'));
  await scan(screen, person);
  return screen;
}
async function scan(screen: Screen, person: Person): Promise<void> {
  const key = await screen.page.getByTestId('manual-key').innerText();
  person.scan(`otpauth://totp/x?secret=${key.replaceAll(' ', '')}&period=30`);
}

describe('a code that is typed', () => {
  it('is sent by its sixth digit, also in groups as some apps show it', async () => {
    const person = await portal.enrolled();
    const screen = await atTheCode(person);
    const code = person.phone.freshCode();
    await screen.field(APP).pressSequentially(`${code.slice(0, 3)} ${code.slice(3)}`);
    await screen.seeHeading(t('profile.title'));
    expect(sent(screen)).toBe(1);
  });

  it('has eight digits where the app shows eight: the sixth sends nothing while they are being typed', async () => {
    const screen = await atTheCode(await portal.enrolled());
    await screen.field(APP).pressSequentially('1234 5678', { delay: 200 });
    // no authenticator of this account has eight
    await screen.see(t('problem.malformed-code'));
    expect([sent(screen), await screen.field(APP).inputValue()]).toEqual([1, '12345678']);
    for (const typed of ['1234567', '123456789']) {
      await screen.type(APP, typed);
      await screen.press(t('action.continue'));
      await screen.see(t('code.malformed'));
    }
    expect(sent(screen)).toBe(1);
  });

  it('is typed to its end by who rested after the sixth of eight digits', async () => {
    const screen = await atTheCode(await portal.enrolled());
    // as the server answers where all authenticators have eight
    const malformed = {
      status: 400,
      contentType: 'application/problem+json',
      json: { code: 'malformed-code', detail: '' },
    };
    await screen.page.route('**/v1/login/code', (route) => route.fulfill(malformed));
    await screen.field(APP).pressSequentially('123456');
    await screen.see(t('problem.malformed-code'));
    await screen.page.keyboard.type('78');
    await until('all digits are sent', () => sent(screen) === 2);
    expect(await screen.field(APP).inputValue()).toBe('12345678');
  });

  it('is sent once, however often Enter is pressed', async () => {
    const person = await portal.enrolled();
    const screen = await atTheCode(person);
    await screen.page.route('**/v1/login/code', async (route) => {
      await until('Enter was pressed again', () => pressed, 5_000);
      await route.continue();
    });
    let pressed = false;
    await screen.field(APP).pressSequentially(person.phone.wrongCode());
    for (let i = 0; i < 3; i += 1) await screen.page.keyboard.press('Enter');
    pressed = true;
    await screen.see(left(4));
    expect([sent(screen), await failures(person)]).toEqual([1, 1]);
  });

  it('goes when it was wrong, so that the next one is typed in its place', async () => {
    const person = await portal.enrolled();
    const screen = await atTheCode(person);
    await screen.field(APP).pressSequentially(person.phone.wrongCode());
    await screen.see(left(4));
    expect(await screen.field(APP).inputValue()).toBe('');
    expect(await focused(screen.page)).toBe('code');
    await screen.page.keyboard.type(person.phone.freshCode());
    await screen.seeHeading(t('profile.title'));
  });

  it('goes when it was a wrong backup code, and says what a backup code is where it is none', async () => {
    const person = await portal.enrolled();
    const screen = await atTheCode(person);
    await screen.type(APP, person.phone.wrongCode());
    await screen.see(left(4));
    await screen.press(t('code.useBackup'));
    await screen.gone(left(4));
    for (const typed of ['1', '123456', 'AAAA-AAAA-AAAA-AAA', 'AAAA-AAAA-AAAA-AAAA-A', 'AAAA-AAAA-AAAA-AA18']) {
      await screen.type(BACKUP, typed);
      await screen.press(t('action.continue'));
      await screen.see(MALFORMED_BACKUP);
    }
    expect(sent(screen)).toBe(1);
    await screen.type(BACKUP, 'AAAA-AAAA-AAAA-AAAA');
    await screen.press(t('action.continue'));
    await screen.see(left(3));
    expect([await screen.field(BACKUP).inputValue(), await focused(screen.page)]).toEqual(['', 'code']);
    await screen.page.keyboard.type(` ${person.backupCodes[0]!.toLowerCase().replaceAll('-', '–')} `);
    await screen.page.keyboard.press('Enter');
    await screen.seeHeading(t('profile.title'));
  });

  it('waits for a password that is missing beside it', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    stage.stack.clock.advance(601);
    await screen.press(t('twoFactor.newCodes'));
    await screen.press(t('twoFactor.ask.newCodes.ok'));
    const dialog = screen.page.getByRole('dialog');
    await dialog.getByLabel(APP, { exact: true }).pressSequentially(person.phone.freshCode());
    await dialog.getByLabel(t('login.password'), { exact: true }).fill(person.credentials.password);
    expect(screen.urls.filter((url) => url.endsWith('/re-authenticate'))).toEqual([]);
    await screen.press(t('action.continue'));
    await screen.seeHeading(t('backup.title'));
  });

  it('says what to do when phone and backup codes are lost', async () => {
    const screen = await atTheCode(await portal.enrolled());
    await screen.see(t('code.lost'));
  });
});

describe('what is wrong in a form', () => {
  it('is said in the language of the page, not of the browser', async () => {
    const screen = await stage.open({ locale: 'en-GB' });
    await screen.go('/login');
    await screen.page.evaluate("localStorage.setItem('twinlock.language', 'de')");
    await screen.page.reload();
    await screen.type(t('login.portal'), portal.id);
    await screen.press(german('login.action'));
    await screen.see(german('field.missing'));
    await screen.type(german('account.username'), portal.admin.credentials.username);
    await screen.type(german('login.password'), portal.admin.credentials.password);
    await screen.press(german('login.action'));
    await screen.seeHeading(german('profile.title'));

    await screen.go(`/p/${portal.id}/contributors/new`);
    await screen.type(german('account.username'), 'newcomer');
    await screen.type(german('account.email'), 'no address');
    await screen.press(german('contributors.create'));
    await screen.see(german('malformed.email'));
    await screen.go(`/p/${portal.id}/settings/security`);
    await screen.type(german('settings.fields.maxFailedAttempts.label'), '');
    await screen.page.keyboard.press('Tab');
    for (const english of [/please/i, /fill out/i, /invalid/i]) {
      expect(await screen.text()).not.toMatch(english);
    }
  });
});

describe('a code while setting up', () => {
  it.each([
    [-4, t('problem.clock-behind', { count: 2 })],
    [20, t('problem.clock-ahead', { count: 10 })],
  ])('tells that the clock of the phone is off: %p steps', async (steps, words) => {
    const person = await portal.register();
    const screen = await settingUp(person);
    stage.stack.clock.startOfStep();
    await screen.field(APP).pressSequentially(person.phone.codeAt(stage.stack.clock.step() + steps));
    await screen.see(words);
    expect(await screen.field(APP).inputValue()).toBe('');
    await screen.page.keyboard.type(person.phone.freshCode());
    await screen.seeHeading(t('backup.title'));
  });

  it('blames no clock where the clock is not at fault', async () => {
    const person = await portal.register();
    const screen = await settingUp(person);
    await screen.type(APP, person.phone.wrongCode());
    await screen.see(t('problem.setup.wrong-code-left', { count: 9 }));
    expect(await screen.text()).not.toMatch(/clock/);
  });

  it('is asked of the new key where the key was made anew in another window', async () => {
    const person = await portal.register();
    const screen = await settingUp(person);
    const other = await screen.context.newPage();
    await other.goto(`/console/p/${portal.id}/profile`);
    await other.getByRole('button', { name: t('twoFactor.newKey') }).click();
    await other.getByTestId('manual-key').waitFor();

    await screen.see(t('twoFactor.keyReplaced'));
    expect(await screen.page.getByTestId('manual-key').count()).toBe(0);
    expect(await screen.page.locator('img').count()).toBe(0);
    const key = await other.getByTestId('manual-key').innerText();
    person.scan(`otpauth://totp/x?secret=${key.replaceAll(' ', '')}&period=30`);
    await screen.type(APP, person.phone.freshCode());
    await screen.seeHeading(t('backup.title'));
  });

  it('is asked of the new key where it was made anew on another device, at the latest after the next code', async () => {
    const person = await portal.register();
    const screen = await settingUp(person);
    const first = person.phone;
    await (await person.signIn()).beginSetUp();
    await screen.page.getByTestId('manual-key').waitFor();
    await screen.type(APP, first.freshCode());
    await screen.see(t('twoFactor.keyReplaced'));
    await screen.type(APP, person.phone.freshCode());
    await screen.seeHeading(t('backup.title'));
  });

  it('leaves no backup codes on the screen that were replaced in another window', async () => {
    const person = await portal.register();
    const screen = await settingUp(person);
    await screen.type(APP, person.phone.freshCode());
    const codes = screen.page.getByRole('list', { name: t('backup.title') });
    await codes.waitFor();
    const other = await screen.context.newPage();
    await other.goto(`/console/p/${portal.id}/profile`);
    await other.getByRole('button', { name: t('twoFactor.newCodes') }).click();
    await other.getByRole('button', { name: t('twoFactor.ask.newCodes.ok') }).click();
    await other.getByRole('list', { name: t('backup.title') }).waitFor();
    await screen.see(t('backup.replaced'));
    expect(await codes.count()).toBe(0);
  });
});
