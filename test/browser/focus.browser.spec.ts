import type { Person } from '#test/support/portal.js';
import { until } from '#test/support/until.js';
import { usePortal } from '#test/support/use-stack.js';
import { coveredOnTheWay, focused } from './support/focus.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';

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
const focusIsOn = (screen: Screen, name: string) =>
  until(`the focus is on ${name}`, async () => (await focused(screen.page)) === name, 5_000).catch(async (error) => {
    throw new Error(`${String(error)}: it is on ${await focused(screen.page)}`);
  });

/** By the keyboard, as who needs the focus does it. */
async function press(screen: Screen, name: string): Promise<void> {
  await screen.button(name).focus();
  await screen.page.keyboard.press('Enter');
}

/** On My profile, to the backup codes. */
async function setUp(screen: Screen, person: Person): Promise<void> {
  await press(screen, 'Set up');
  const key = await screen.page.getByTestId('manual-key').innerText();
  const phone = person.scan(`otpauth://totp/x?secret=${key.replaceAll(' ', '')}&period=30`);
  await screen.field('Code from your authenticator app').focus();
  await screen.page.keyboard.type(phone.freshCode());
  await screen.seeHeading('Your backup codes');
}

describe('the focus', () => {
  it('goes to what a step on My profile brings, and never falls to the page', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await press(screen, 'Set up');
    await focusIsOn(screen, 'Connect an authenticator app');
    await setUpAgain(screen);
    await focusIsOn(screen, 'Connect an authenticator app');
    await press(screen, 'Cancel setup');
    await focusIsOn(screen, 'Two-factor authentication');
    await setUp(screen, person);
    await focusIsOn(screen, 'Your backup codes');
    await press(screen, 'I have saved them');
    await focusIsOn(screen, 'Two-factor authentication');

    await press(screen, 'New backup codes');
    await press(screen, 'Create new codes');
    await focusIsOn(screen, 'Your backup codes');
    await press(screen, 'I have saved them');
    await press(screen, 'Reset 2FA');
    await press(screen, 'Reset');
    await focusIsOn(screen, 'Connect an authenticator app');
    await press(screen, 'Cancel setup');
    await focusIsOn(screen, 'Two-factor authentication');
  });

  const setUpAgain = async (screen: Screen) => {
    const key = await screen.page.getByTestId('manual-key').innerText();
    await press(screen, 'Start again with a new key');
    await screen.page.getByTestId('manual-key').filter({ hasNotText: key }).waitFor();
  };

  it('goes back to where one was after a question that one took back', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    await press(screen, 'Disable 2FA');
    await press(screen, 'Cancel');
    await focusIsOn(screen, 'Disable 2FA');
  });

  it('stays in the card whose button an administrator used up', async () => {
    const person = await (await portal.enrolled()).lock();
    const screen = await asAdmin(`/contributors/${person.id}`);
    await press(screen, 'Enable user');
    await screen.see('can log in again.');
    await focusIsOn(screen, 'Access');
    await press(screen, 'Disable 2FA');
    await press(screen, 'OK');
    await screen.see('is off.');
    await focusIsOn(screen, 'Access');
  });

  it('stays on a button that has nothing more to do', async () => {
    const person = await portal.register();
    const screen = await asAdmin(`/contributors/${person.id}`);
    await screen.type('Name', 'Somebody');
    await press(screen, 'Save');
    await screen.see('has been saved.');
    await focusIsOn(screen, 'Save');
    await screen.go(`/p/${portal.id}/settings/security`);
    await screen.type('Failed attempts that lock an account', '7');
    await screen.page.keyboard.press('Tab');
    await press(screen, 'Undo');
    await screen.button('Undo').waitFor({ state: 'detached' });
    await focusIsOn(screen, 'Two-factor authentication');
  });
});

describe('on a phone', () => {
  it('the backup codes are in sight when they come, and no message lies over them', async () => {
    const person = await portal.register();
    const screen = await (await stage.open({ viewport: phone })).logIn(person);
    await setUp(screen, person);
    const codes = screen.page.getByRole('list', { name: 'Your backup codes' }).getByRole('listitem');
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
});
