import type { Person } from '#test/support/people/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { useStage } from '../support/stage.js';
import { t } from '../support/words.js';
import { ADD, APP, FIRST, MyApps, NAME } from './my-apps.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const onProfile = async (person: Person) => {
  const screen = await (await stage.open()).logIn(person);
  const apps = new MyApps(screen.page, stage.stack.clock);
  await apps.row(FIRST).waitFor();
  return { screen, apps };
};
/** The same session in another window. */
async function anotherWindow(screen: Screen) {
  const page = await screen.context.newPage();
  await page.goto(`/console/p/${portal.id}/profile`);
  const apps = new MyApps(page, stage.stack.clock);
  await apps.list.waitFor();
  return { page, apps };
}

describe('another app that is being added', () => {
  it('is started over with a new key, or not at all', async () => {
    const { screen, apps } = await onProfile(await portal.enrolled());
    const first = await apps.begin('Tablet');
    await screen.press(t('twoFactor.newKey'));
    await screen.page
      .getByTestId('manual-key')
      .filter({ hasNotText: first.base32.slice(0, 4) })
      .waitFor();
    await screen.type(APP, first.freshCode());
    await screen.see(t('problem.setup.wrong-code-left', { count: 9 }));
    await screen.press(t('twoFactor.cancelSetup'));
    await screen.see(t('twoFactor.setupCancelled'));
    expect(await apps.names()).toEqual([FIRST]);
  });

  it('ends with the tenth wrong code, and 2FA stays on', async () => {
    const person = await portal.enrolled();
    const { screen, apps } = await onProfile(person);
    const tablet = await apps.begin('Tablet');
    for (let left = 9; left >= 0; left -= 1) {
      await screen.type(APP, tablet.wrongCode());
      await screen.see(left === 0 ? t('twoFactor.setupEnded') : t('problem.setup.wrong-code-left', { count: left }));
    }
    expect(await apps.names()).toEqual([FIRST]);
    expect((await person.api.me()).success()).toMatchObject({ status: 'active', twoFactor: { status: 'enabled' } });
  });

  it('is asked for a code of the new key where another window began to add one', async () => {
    const { screen, apps } = await onProfile(await portal.enrolled());
    await apps.begin('Tablet');
    const laptop = await (await anotherWindow(screen)).apps.begin('Laptop');
    await screen.see(t('twoFactor.keyReplaced'));
    expect(await screen.page.getByTestId('manual-key').count()).toBe(0);
    await screen.type(APP, laptop.freshCode());
    await apps.row('Laptop').waitFor();
    expect(await apps.names()).toEqual([FIRST, 'Laptop']);
  });

  it('replaces no backup codes that another window shows, and new ones replace no key', async () => {
    const person = await portal.enrolled();
    const { screen } = await onProfile(person);
    const { page: other, apps: otherApps } = await anotherWindow(screen);
    await screen.press(t('twoFactor.newCodes'));
    await screen.press(t('twoFactor.ask.newCodes.ok'));
    await screen.seeHeading(t('backup.title'));
    const tablet = await otherApps.begin('Tablet');
    await screen.press(t('backup.download'));
    expect(await screen.page.getByText(t('backup.replaced')).count()).toBe(0);
    await screen.press(t('backup.done'));

    await screen.press(t('twoFactor.newCodes'));
    await screen.press(t('twoFactor.ask.newCodes.ok'));
    await screen.seeHeading(t('backup.title'));
    expect(await other.getByTestId('manual-key').innerText()).toBe(tablet.base32.replace(/(.{4})(?=.)/g, '$1 '));
    await other.getByLabel(APP, { exact: true }).fill(tablet.freshCode());
    await otherApps.row('Tablet').waitFor();
  });
});

describe('three apps', () => {
  it('R45 are three at most, and the page says so', async () => {
    const { screen, apps } = await onProfile(await portal.enrolled());
    await apps.add('Tablet');
    await screen.press(ADD);
    await screen.type(NAME, 'One too many');
    await (await anotherWindow(screen)).apps.add('Laptop');
    await screen.see(t('authenticators.full', { most: 3 }));
    await screen.press(t('action.continue'));
    await screen.see(t('problem.authenticator-limit'));
    await screen.press(t('action.cancel'));
    expect(await apps.names()).toEqual([FIRST, 'Tablet', 'Laptop']);
    expect(await screen.button(ADD).count()).toBe(0);
  });
});

describe('an app that another window removed', () => {
  it('is told as gone to who renames it, and as removed to who removes it', async () => {
    const { screen, apps } = await onProfile(await portal.enrolled());
    await apps.add('Tablet');
    const { page: other, apps: otherApps } = await anotherWindow(screen);
    await apps.button('rename', 'Tablet').click();
    await otherApps.remove('Tablet');
    await other.getByText(t('authenticators.removed', { name: 'Tablet' })).waitFor();
    await screen.type(NAME, 'Old tablet');
    await screen.press(t('action.save'));
    await screen.see(t('authenticators.gone', { name: 'Tablet' }));
    expect(await screen.page.getByRole('dialog').count()).toBe(0);

    await apps.add('Laptop');
    await otherApps.row('Laptop').waitFor();
    await apps.button('remove', 'Laptop').click();
    await otherApps.remove('Laptop');
    await otherApps.row('Laptop').waitFor({ state: 'detached' });
    // it is not the last one, whatever is left
    await screen.see(t('authenticators.askRemoveWhat'));
    await screen.page
      .getByRole('alertdialog')
      .getByRole('button', { name: t('authenticators.remove'), exact: true })
      .click();
    await screen.see(t('authenticators.removed', { name: 'Laptop' }));
    await screen.page.getByText(t('twoFactor.status.enabled'), { exact: true }).waitFor();
    expect(await apps.names()).toEqual([FIRST]);
  });
});
