import type { Person } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { usePortal } from '#test/support/use-stack.js';
import { coveredOnTheWay, focusIsOn, press } from './support/focus.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);
beforeAll(async () => {
  for (let i = 0; i < 12; i += 1) await portal.register();
});

const phone = { width: 390, height: 844 };
/** A window of 1280 × 900 at 200 %. */
const enlarged = { width: 640, height: 450 };

const asAdmin = async (path: string, viewport = { width: 1280, height: 900 }): Promise<Screen> =>
  (await stage.open({ viewport })).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);

/** On My profile, to the backup codes. */
async function setUp(screen: Screen, person: Person): Promise<void> {
  await press(screen, t('twoFactor.setUp'));
  const key = await screen.page.getByTestId('manual-key').innerText();
  const phone = person.scan(`otpauth://totp/x?secret=${key.replaceAll(' ', '')}&period=30`);
  await screen.field(t('code.app')).focus();
  await screen.page.keyboard.type(phone.freshCode());
  await screen.seeHeading(t('backup.title'));
}

describe('the focus', () => {
  it('goes to what a step on My profile brings, and never falls to the page', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await press(screen, t('twoFactor.setUp'));
    await focusIsOn(screen, t('twoFactor.connect'));
    await setUpAgain(screen);
    await focusIsOn(screen, t('twoFactor.connect'));
    await press(screen, t('twoFactor.cancelSetup'));
    await focusIsOn(screen, t('twoFactor.title'));
    await setUp(screen, person);
    await focusIsOn(screen, t('backup.title'));
    await press(screen, t('backup.done'));
    await focusIsOn(screen, t('twoFactor.title'));

    await press(screen, t('twoFactor.newCodes'));
    await press(screen, t('twoFactor.ask.newCodes.ok'));
    await focusIsOn(screen, t('backup.title'));
    await press(screen, t('backup.done'));
    await press(screen, t('twoFactor.reset'));
    await press(screen, t('twoFactor.ask.reset.ok'));
    await focusIsOn(screen, t('twoFactor.connect'));
    await press(screen, t('twoFactor.cancelSetup'));
    await focusIsOn(screen, t('twoFactor.title'));
  });

  const setUpAgain = async (screen: Screen) => {
    const key = await screen.page.getByTestId('manual-key').innerText();
    await press(screen, t('twoFactor.newKey'));
    await screen.page.getByTestId('manual-key').filter({ hasNotText: key }).waitFor();
  };

  it('goes back to where one was after a question that one took back', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    await press(screen, t('twoFactor.disable'));
    await press(screen, t('action.cancel'));
    await focusIsOn(screen, t('twoFactor.disable'));
  });

  it('stays in the card whose button an administrator used up', async () => {
    const person = await (await portal.enrolled()).lock();
    const screen = await asAdmin(`/contributors/${person.id}`);
    await press(screen, t('contributors.unlock'));
    await screen.see(t('contributors.unlocked', { username: person.credentials.username }));
    await focusIsOn(screen, t('contributors.access'));
    await press(screen, t('twoFactor.disable'));
    await press(screen, t('twoFactor.ask.disable.ok'));
    await screen.see(t('contributors.twoFactorDisabled', { username: person.credentials.username }));
    await focusIsOn(screen, t('contributors.access'));
  });

  it('stays on a button that has nothing more to do', async () => {
    const person = await portal.register();
    const screen = await asAdmin(`/contributors/${person.id}`);
    await screen.type(t('account.displayName'), 'Somebody');
    await press(screen, t('action.save'));
    await screen.see(t('contributors.saved', { username: person.credentials.username }));
    await focusIsOn(screen, t('action.save'));
    await screen.go(`/p/${portal.id}/settings/security`);
    await screen.type(t('settings.fields.maxFailedAttempts.label'), '7');
    await screen.page.keyboard.press('Tab');
    await press(screen, t('action.undo'));
    await screen.button(t('action.undo')).waitFor({ state: 'detached' });
    await focusIsOn(screen, t('twoFactor.title'));
  });
});

describe('on a phone', () => {
  it('the backup codes are in sight when they come, and no message lies over them', async () => {
    const person = await portal.register();
    const screen = await (await stage.open({ viewport: phone })).logIn(person);
    await setUp(screen, person);
    const codes = screen.page.getByRole('list', { name: t('backup.title') }).getByRole('listitem');
    await until('the first code is in sight', () => inSight(screen, codes.first()), 5_000);
    for (const code of await codes.all()) {
      await code.scrollIntoViewIfNeeded();
      expect(await inSight(screen, code)).toBe(true);
    }
  });

  const inSight = (_: Screen, of: ReturnType<Screen['page']['locator']>) =>
    of.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      const hit = element.ownerDocument.elementFromPoint(left + width / 2, top + height / 2);
      return hit !== null && (element === hit || element.contains(hit));
    });
});

describe.each([
  ['on a phone', phone],
  ['at 200 %', enlarged],
])('%s', (_, viewport) => {
  it.each([
    ['/contributors', 'main table'],
    ['/contributors/new', 'main form'],
    ['/activity', 'figure canvas'],
    ['/settings/security', 'main form'],
    ['/profile', 'main form'],
  ])('nothing lies over what has the focus: %s', async (path, last) => {
    const screen = await asAdmin(path, viewport);
    await screen.page.locator(last).first().waitFor();
    expect(await coveredOnTheWay(screen.page, 'Tab')).toEqual([]);
    expect(await coveredOnTheWay(screen.page, 'Shift+Tab')).toEqual([]);
  });

  it('nothing lies over what has the focus in an open row of Activity', async () => {
    const screen = await asAdmin('/activity?range=hour', viewport);
    const row = screen.page.locator('td button[aria-expanded]').nth(1);
    await row.click();
    await screen.button(t('activity.copy')).waitFor();
    await portal.register();
    await screen.see(t('activity.waiting', { count: 1 }));
    expect(await coveredOnTheWay(screen.page, 'Tab')).toEqual([]);
    expect(await coveredOnTheWay(screen.page, 'Shift+Tab')).toEqual([]);
  });
});
