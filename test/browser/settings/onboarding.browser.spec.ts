import { Portal } from '#test/support/people/portal.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { coveredOnTheWay, focusIsOn, press } from '../support/focus.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';

const stage = useStage();

const TITLE = t('onboarding.title');
const pathOf = ({ id }: Portal) => `/p/${id}/settings/security`;
const settingsOf = async (portal: Portal, options = {}): Promise<Screen> =>
  (await stage.open(options)).logIn(portal.admin, `/login?next=${encodeURIComponent(pathOf(portal))}`);
const stepsDone = (screen: Screen, done: number) => screen.see(t('onboarding.progress', { done, count: 4 }));
const link = ({ page }: Screen, step: string) => page.getByRole('link', { name: t(`onboarding.${step}.go`) });

describe('the first steps of an administrator', () => {
  it('R01, R03 lead from the add-on to the own second factor, each seen as it is done, and are gone then', async () => {
    const portal = await Portal.make(stage.stack, { addOn: false });
    const screen = await settingsOf(portal);
    await stepsDone(screen, 0);
    // what cannot be done yet is named and leads nowhere
    for (const [step, links] of [
      ['addOn', 1],
      ['on', 0],
      ['people', 1],
      ['own', 0],
    ] as const)
      expect([step, await link(screen, step).count()]).toEqual([step, links]);
    expect(await link(screen, 'addOn').getAttribute('href')).toBe('/console/operator');
    (await stage.stack.operator.grantAddOn(portal.id)).success();
    await stepsDone(screen, 1);

    await link(screen, 'on').focus();
    await screen.page.keyboard.press('Enter');
    await screen.page.keyboard.press('Tab');
    await screen.page.keyboard.press('Space');
    await screen.press(t('action.save'));
    await screen.see(t('settings.saved'));
    await stepsDone(screen, 2);

    await press(screen, link(screen, 'people'));
    await screen.seeHeading(t('contributors.new'));
    await portal.register();
    await screen.page.goBack();
    await stepsDone(screen, 3);
    await press(screen, link(screen, 'own'));
    await screen.button(t('twoFactor.setUp')).waitFor();
    await portal.admin.enrol();
    await screen.go(pathOf(portal));
    await screen.see(t('settings.effective'));
    expect(await screen.heading(TITLE).count()).toBe(0);
  });

  it('are hidden in this browser for this portal when the administrator wants it', async () => {
    const [portal, other] = [await Portal.make(stage.stack), await Portal.make(stage.stack)];
    const screen = await settingsOf(portal);
    await screen.seeHeading(TITLE);
    await press(screen, t('onboarding.hide'));
    await screen.heading(TITLE).waitFor({ state: 'detached' });
    await focusIsOn(screen, t('settings.security'));
    await screen.page.reload();
    await screen.see(t('settings.effective'));
    expect(await screen.heading(TITLE).count()).toBe(0);
    await screen.logOut();
    await screen.logIn(other.admin, `/login?next=${encodeURIComponent(pathOf(other))}`);
    await screen.seeHeading(TITLE);
  });

  it('move nothing when they come: what stands below waits for them', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await settingsOf(portal);
    await screen.seeHeading(TITLE);
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await screen.page.route(/\/two-factor\/summary$/, async (route) => {
      await held;
      await route.continue();
    });
    const own = screen.page.waitForResponse(/\/me\/two-factor$/);
    await screen.page.reload();
    await own;
    await screen.seeHeading(t('settings.security'));
    expect(await screen.button(t('action.save')).count()).toBe(0);
    answer();
    await screen.orTell(screen.button(t('action.save')).waitFor());
    await screen.seeHeading(TITLE);
  });

  it('keep the settings from nobody where it cannot be found out which there are', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await stage.open();
    await screen.page.route(/\/two-factor\/summary$/, (route) =>
      route.fulfill({ status: 404, json: { code: 'not-found', detail: '', status: 404 } }),
    );
    await screen.logIn(portal.admin, `/login?next=${encodeURIComponent(pathOf(portal))}`);
    await screen.orTell(screen.button(t('action.save')).waitFor());
    expect(await screen.heading(TITLE).count()).toBe(0);
  });

  it('are told in German on a phone, where nothing is cut off or lies over what has the focus', async () => {
    const de = wordsOf('de');
    const portal = await Portal.make(stage.stack, { addOn: false });
    (await portal.api.changeProfile(portal.id, { language: 'de' })).success();
    const screen = await stage.open({ viewport: { width: 375, height: 740 } });
    await screen.go(`/login?portal=${portal.id}&next=${encodeURIComponent(pathOf(portal))}`);
    await screen.type(de('login.username'), portal.admin.credentials.username);
    await screen.type(de('login.password'), portal.admin.credentials.password);
    await screen.press(de('login.action'));
    await screen.seeHeading(de('onboarding.title'));
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    expect(await screen.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(375);
    for (const key of ['Tab', 'Shift+Tab'] as const) expect(await coveredOnTheWay(screen.page, key)).toEqual([]);
  });
});
