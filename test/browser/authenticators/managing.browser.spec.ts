import type { Person } from '#test/support/people/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import { focusIsOn, press } from '../support/focus.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';
import { ADD, APP, FIRST, MyApps, NAME } from './my-apps.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const onProfile = async (person: Person) => {
  const screen = await (await stage.open()).logIn(person);
  const apps = new MyApps(screen.page, stage.stack.clock);
  await apps.row(FIRST).waitFor();
  return { screen, apps };
};
describe('the authenticator apps on My profile', () => {
  it('R45 has each log in that was added, with its name and no new backup codes', async () => {
    const person = await portal.enrolled();
    const { screen, apps } = await onProfile(person);
    const tablet = await apps.begin('  Tablet at home ');
    await screen.see(t('authenticators.adding', { name: 'Tablet at home' }));
    await screen.type(APP, tablet.wrongCode());
    await screen.see(t('problem.setup.wrong-code-left', { count: 9 }));
    // until it is confirmed it is none
    (await person.enterCode(tablet.freshCode())).refused('wrong-code');
    await screen.type(APP, tablet.freshCode());
    await screen.see(t('authenticators.added', { name: 'Tablet at home' }));
    expect(await apps.names()).toEqual([FIRST, 'Tablet at home']);
    expect(await screen.heading(t('backup.title')).count()).toBe(0);
    await screen.see(t('twoFactor.left', { count: 10 }));

    for (const phone of [tablet, person.phone]) {
      const other = await (await stage.open()).enterPassword(person);
      await other.enterCode(phone.freshCode());
      await other.seeHeading(t('profile.title'));
    }
  });

  it('R45 are removed after a question, one by one, and the last one turns 2FA off', async () => {
    const person = await portal.enrolled();
    const { screen, apps } = await onProfile(person);
    const tablet = await apps.add('Tablet');
    await apps.button('remove', FIRST).click();
    await screen.see(t('authenticators.askRemoveWhat'));
    await screen.press(t('action.cancel'));
    expect(await apps.names()).toEqual([FIRST, 'Tablet']);
    await apps.remove(FIRST);
    await screen.see(t('authenticators.removed', { name: FIRST }));
    expect(await apps.names()).toEqual(['Tablet']);
    (await person.enterCode(person.phone.freshCode())).refused('wrong-code');
    const other = await (await stage.open()).enterPassword(person);
    await other.enterCode(tablet.freshCode());
    await other.seeHeading(t('profile.title'));

    await apps.button('remove', 'Tablet').click();
    await screen.see(t('authenticators.askRemoveLast'));
    await screen.press(t('authenticators.removeLast'));
    await screen.see(t('twoFactor.disabled'));
    await screen.button(t('twoFactor.setUp')).waitFor();
    expect((await person.enterPassword()).success().status).toBe('complete');
  });

  it('R14 are added and removed by who has just proved to be the person', async () => {
    const person = await portal.enrolled();
    const { screen, apps } = await onProfile(person);
    const proof = screen.page.getByRole('dialog', { name: t('proof.title') });
    const prove = async () => {
      await proof.getByLabel(t('login.password'), { exact: true }).fill(person.credentials.password);
      await proof.getByLabel(APP, { exact: true }).fill(person.phone.freshCode());
      await proof.waitFor({ state: 'detached' });
    };
    stage.stack.clock.advance(601);
    await screen.press(ADD);
    await screen.type(NAME, 'Tablet');
    await screen.press(t('action.continue'));
    await proof.getByRole('button', { name: t('action.cancel') }).click();
    // what was typed is there
    expect(await screen.field(NAME).inputValue()).toBe('Tablet');
    await screen.press(t('action.continue'));
    await prove();
    const tablet = await apps.scan();
    await screen.type(APP, tablet.freshCode());
    await apps.row('Tablet').waitFor();

    stage.stack.clock.advance(601);
    await apps.remove('Tablet');
    await prove();
    await screen.see(t('authenticators.removed', { name: 'Tablet' }));
  });

  it('R45 are named as their owner likes, in what people can read', async () => {
    const { screen, apps } = await onProfile(await portal.enrolled());
    await apps.button('rename', FIRST).click();
    for (const name of [' ', 'x'.repeat(65), 'left\u202eright']) {
      await screen.type(NAME, name);
      await screen.press(t('action.save'));
      await screen.see(t('malformed.name'));
    }
    await screen.type(NAME, 'Zoë’s phone 📱');
    await screen.press(t('action.save'));
    await screen.see(t('authenticators.renamed', { name: 'Zoë’s phone 📱' }));
    await screen.page.reload();
    await apps.row('Zoë’s phone 📱').waitFor();

    // the longest there is, on the smallest screen
    const longest = 'W'.repeat(64);
    await screen.page.setViewportSize({ width: 320, height: 800 });
    await apps.button('rename', 'Zoë’s phone 📱').click();
    await screen.type(NAME, longest);
    await screen.press(t('action.save'));
    await apps.button('remove', longest).click();
    for (const shown of [
      screen.page.getByText(t('authenticators.renamed', { name: longest })),
      screen.heading(t('authenticators.askRemove', { name: longest })),
      apps.list.locator('strong'),
    ]) {
      const { x, width } = (await shown.boundingBox())!;
      expect(x >= 0 && x + width <= 320).toBe(true);
    }
  });

  it('are managed by keyboard alone, and the focus never falls to the page', async () => {
    const { screen, apps } = await onProfile(await portal.enrolled());
    const { keyboard } = screen.page;
    await press(screen, ADD);
    await focusIsOn(screen, 'name');
    await keyboard.press('Escape');
    await focusIsOn(screen, ADD);
    await press(screen, ADD);
    await focusIsOn(screen, 'name');
    await keyboard.type('Tablet');
    await keyboard.press('Enter');
    const key = screen.page.getByTestId('manual-key');
    await key.waitFor();
    await focusIsOn(screen, t('twoFactor.connect'));
    await press(screen, t('twoFactor.cancelSetup'));
    await focusIsOn(screen, t('twoFactor.title'));
    await apps.add('Tablet');
    await focusIsOn(screen, t('twoFactor.title'));

    await press(screen, apps.button('rename', 'Tablet'));
    await focusIsOn(screen, 'name');
    await keyboard.press('Control+A');
    await keyboard.type('Old tablet');
    await keyboard.press('Enter');
    await apps.row('Old tablet').waitFor();
    await focusIsOn(screen, (await apps.button('rename', 'Old tablet').getAttribute('aria-label')) ?? '');

    await press(screen, apps.button('remove', 'Old tablet'));
    await focusIsOn(screen, t('action.cancel'));
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await screen.see(t('authenticators.removed', { name: 'Old tablet' }));
    await focusIsOn(screen, t('twoFactor.title'));
  });

  it('speak the language of the page', async () => {
    const person = await portal.enrolled();
    const { screen } = await onProfile(person);
    await screen.page.evaluate("localStorage.setItem('twinlock.language', 'de')");
    await screen.page.reload();
    const german = wordsOf('de');
    await screen.see(german('authenticators.what'));
    await screen.press(german('authenticators.add'));
    await screen.type(german('authenticators.name'), 'x'.repeat(65));
    await screen.press(german('action.continue'));
    await screen.see(german('malformed.name'));
  });
});

describe('Activity', () => {
  it('tells which app was added, renamed and removed', async () => {
    const person = await portal.enrolled();
    const { screen, apps } = await onProfile(person);
    await apps.add('Tablet');
    await apps.button('rename', 'Tablet').click();
    await screen.type(NAME, 'Old tablet');
    await screen.press(t('action.save'));
    await screen.see(t('authenticators.renamed', { name: 'Old tablet' }));
    await apps.remove('Old tablet');
    await screen.see(t('authenticators.removed', { name: 'Old tablet' }));

    const path = `/p/${portal.id}/activity?account=${person.id}`;
    const admin = await (await stage.open()).logIn(portal.admin, `/login?next=${encodeURIComponent(path)}`);
    await admin.see(`${t('detail.reason')}: ${t('value.reason.add')}`);
    for (const [kind, name] of [
      ['secret-issued', 'Tablet'],
      ['authenticator-added', 'Tablet'],
      ['authenticator-renamed', 'Old tablet'],
      ['authenticator-removed', 'Old tablet'],
    ] as const) {
      const told = `${t('detail.authenticatorName')}: ${name}`;
      const event = admin.page
        .getByRole('row')
        .filter({ hasText: t(`event.${kind}`) })
        .filter({ hasText: told });
      await admin.orTell(event.first().waitFor());
    }
    await admin.page
      .getByRole('button', { name: t('event.authenticator-added') })
      .first()
      .click();
    await admin.page
      .getByRole('term')
      .filter({ hasText: t('activity.person.authenticatorName') })
      .waitFor();
  });
});
