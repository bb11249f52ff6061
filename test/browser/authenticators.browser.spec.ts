import type { Locator, Page } from 'playwright-core';
import { Authenticator } from '#test/support/people/authenticator.js';
import type { Person } from '#test/support/people/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import { focusIsOn, press } from './support/focus.js';
import { readQrPhoto } from './support/phone.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t, wordsOf } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const APP = t('code.app');
const NAME = t('authenticators.name');
const ADD = t('authenticators.add');
/** What an app is called that nobody has named. */
const FIRST = 'Authenticator app';

const list = (page: Page) => page.getByRole('list', { name: t('authenticators.title') });
const row = (page: Page, name: string) => list(page).getByRole('listitem').filter({ hasText: name });
const buttonOf = (page: Page, step: 'rename' | 'remove', name: string): Locator =>
  list(page).getByRole('button', { name: t(`authenticators.${step}One`, { which: `${name}, ` }) });
const namesOn = (page: Page) => list(page).locator('strong').allInnerTexts();

const onProfile = async (person: Person): Promise<Screen> => {
  const screen = await (await stage.open()).logIn(person);
  await row(screen.page, FIRST).waitFor();
  return screen;
};
/** The same session in another window. */
async function anotherWindow(screen: Screen): Promise<Page> {
  const page = await screen.context.newPage();
  await page.goto(`/console/p/${portal.id}/profile`);
  await list(page).waitFor();
  return page;
}

/** Begins to add an app, until its key is on the phone. */
async function begin(page: Page, name: string): Promise<Authenticator> {
  await page.getByRole('button', { name: ADD, exact: true }).click();
  await page.getByLabel(NAME, { exact: true }).fill(name);
  await page.keyboard.press('Enter');
  return scan(page);
}
/** Its first code is of a step after that of an app which was removed just before (R18). */
async function scan(page: Page): Promise<Authenticator> {
  const picture = page.getByAltText(t('twoFactor.qrAlt'));
  await picture.waitFor();
  const uri = await readQrPhoto(await picture.screenshot());
  return new Authenticator(uri ?? 'nothing:', stage.stack.clock, stage.stack.clock.step());
}
async function add(page: Page, name: string): Promise<Authenticator> {
  const phone = await begin(page, name);
  await page.getByLabel(APP, { exact: true }).fill(phone.freshCode());
  await row(page, name).waitFor();
  return phone;
}
async function remove(page: Page, name: string): Promise<void> {
  await buttonOf(page, 'remove', name).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: new RegExp(`^${t('authenticators.remove')}`) }).click();
}

describe('the authenticator apps on My profile', () => {
  it('R45 has each log in that was added, with its name and no new backup codes', async () => {
    const person = await portal.enrolled();
    const screen = await onProfile(person);
    const tablet = await begin(screen.page, '  Tablet at home ');
    await screen.see(t('authenticators.adding', { name: 'Tablet at home' }));
    await screen.type(APP, tablet.wrongCode());
    await screen.see(t('problem.setup.wrong-code-left', { count: 9 }));
    // until it is confirmed it is none
    (await person.enterCode(tablet.freshCode())).refused('wrong-code');
    await screen.type(APP, tablet.freshCode());
    await screen.see(t('authenticators.added', { name: 'Tablet at home' }));
    expect(await namesOn(screen.page)).toEqual([FIRST, 'Tablet at home']);
    expect(await screen.heading(t('backup.title')).count()).toBe(0);
    await screen.see(t('twoFactor.left', { count: 10 }));

    for (const phone of [tablet, person.phone]) {
      const other = await (await stage.open()).enterPassword(person);
      await other.enterCode(phone.freshCode());
      await other.seeHeading(t('profile.title'));
    }
  });

  it('R45 are three at most, and the page says so', async () => {
    const screen = await onProfile(await portal.enrolled());
    await add(screen.page, 'Tablet');
    await screen.press(ADD);
    await screen.type(NAME, 'One too many');
    await add(await anotherWindow(screen), 'Laptop');
    await screen.see(t('authenticators.full', { most: 3 }));
    await screen.press(t('action.continue'));
    await screen.see(t('problem.authenticator-limit'));
    await screen.press(t('action.cancel'));
    expect(await namesOn(screen.page)).toEqual([FIRST, 'Tablet', 'Laptop']);
    expect(await screen.button(ADD).count()).toBe(0);
  });

  it('R45 are removed after a question, one by one, and the last one turns 2FA off', async () => {
    const person = await portal.enrolled();
    const screen = await onProfile(person);
    const tablet = await add(screen.page, 'Tablet');
    await buttonOf(screen.page, 'remove', FIRST).click();
    await screen.see(t('authenticators.askRemoveWhat'));
    await screen.press(t('action.cancel'));
    expect(await namesOn(screen.page)).toEqual([FIRST, 'Tablet']);
    await remove(screen.page, FIRST);
    await screen.see(t('authenticators.removed', { name: FIRST }));
    expect(await namesOn(screen.page)).toEqual(['Tablet']);
    (await person.enterCode(person.phone.freshCode())).refused('wrong-code');
    const other = await (await stage.open()).enterPassword(person);
    await other.enterCode(tablet.freshCode());
    await other.seeHeading(t('profile.title'));

    await buttonOf(screen.page, 'remove', 'Tablet').click();
    await screen.see(t('authenticators.askRemoveLast'));
    await screen.press(t('authenticators.removeLast'));
    await screen.see(t('twoFactor.disabled'));
    await screen.button(t('twoFactor.setUp')).waitFor();
    expect((await person.enterPassword()).success().status).toBe('complete');
  });

  it('R14 are added and removed by who has just proved to be the person', async () => {
    const person = await portal.enrolled();
    const screen = await onProfile(person);
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
    const tablet = await scan(screen.page);
    await screen.type(APP, tablet.freshCode());
    await row(screen.page, 'Tablet').waitFor();

    stage.stack.clock.advance(601);
    await remove(screen.page, 'Tablet');
    await prove();
    await screen.see(t('authenticators.removed', { name: 'Tablet' }));
  });

  it('R45 are named as their owner likes, in what people can read', async () => {
    const screen = await onProfile(await portal.enrolled());
    await buttonOf(screen.page, 'rename', FIRST).click();
    for (const name of [' ', 'x'.repeat(65), 'left\u202eright']) {
      await screen.type(NAME, name);
      await screen.press(t('action.save'));
      await screen.see(t('malformed.name'));
    }
    await screen.type(NAME, 'Zoë’s phone 📱');
    await screen.press(t('action.save'));
    await screen.see(t('authenticators.renamed', { name: 'Zoë’s phone 📱' }));
    await screen.page.reload();
    await row(screen.page, 'Zoë’s phone 📱').waitFor();

    // the longest there is, on the smallest screen
    const longest = 'W'.repeat(64);
    await screen.page.setViewportSize({ width: 320, height: 800 });
    await buttonOf(screen.page, 'rename', 'Zoë’s phone 📱').click();
    await screen.type(NAME, longest);
    await screen.press(t('action.save'));
    await buttonOf(screen.page, 'remove', longest).click();
    for (const shown of [
      screen.page.getByText(t('authenticators.renamed', { name: longest })),
      screen.heading(t('authenticators.askRemove', { name: longest })),
      list(screen.page).locator('strong'),
    ]) {
      const { x, width } = (await shown.boundingBox())!;
      expect(x >= 0 && x + width <= 320).toBe(true);
    }
  });

  it('are managed by keyboard alone, and the focus never falls to the page', async () => {
    const screen = await onProfile(await portal.enrolled());
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
    await add(screen.page, 'Tablet');
    await focusIsOn(screen, t('twoFactor.title'));

    await press(screen, buttonOf(screen.page, 'rename', 'Tablet'));
    await focusIsOn(screen, 'name');
    await keyboard.press('Control+A');
    await keyboard.type('Old tablet');
    await keyboard.press('Enter');
    await row(screen.page, 'Old tablet').waitFor();
    await focusIsOn(screen, (await buttonOf(screen.page, 'rename', 'Old tablet').getAttribute('aria-label')) ?? '');

    await press(screen, buttonOf(screen.page, 'remove', 'Old tablet'));
    await focusIsOn(screen, t('action.cancel'));
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await screen.see(t('authenticators.removed', { name: 'Old tablet' }));
    await focusIsOn(screen, t('twoFactor.title'));
  });

  it('speak the language of the page', async () => {
    const person = await portal.enrolled();
    const screen = await onProfile(person);
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

describe('another app that is being added', () => {
  it('is started over with a new key, or not at all', async () => {
    const screen = await onProfile(await portal.enrolled());
    const first = await begin(screen.page, 'Tablet');
    await screen.press(t('twoFactor.newKey'));
    await screen.page
      .getByTestId('manual-key')
      .filter({ hasNotText: first.base32.slice(0, 4) })
      .waitFor();
    await screen.type(APP, first.freshCode());
    await screen.see(t('problem.setup.wrong-code-left', { count: 9 }));
    await screen.press(t('twoFactor.cancelSetup'));
    await screen.see(t('twoFactor.setupCancelled'));
    expect(await namesOn(screen.page)).toEqual([FIRST]);
  });

  it('ends with the tenth wrong code, and 2FA stays on', async () => {
    const person = await portal.enrolled();
    const screen = await onProfile(person);
    const tablet = await begin(screen.page, 'Tablet');
    for (let left = 9; left >= 0; left -= 1) {
      await screen.type(APP, tablet.wrongCode());
      await screen.see(left === 0 ? t('twoFactor.setupEnded') : t('problem.setup.wrong-code-left', { count: left }));
    }
    expect(await namesOn(screen.page)).toEqual([FIRST]);
    expect((await person.api.me()).success()).toMatchObject({ status: 'active', twoFactor: { status: 'enabled' } });
  });

  it('is asked for a code of the new key where another window began to add one', async () => {
    const screen = await onProfile(await portal.enrolled());
    await begin(screen.page, 'Tablet');
    const laptop = await begin(await anotherWindow(screen), 'Laptop');
    await screen.see(t('twoFactor.keyReplaced'));
    expect(await screen.page.getByTestId('manual-key').count()).toBe(0);
    await screen.type(APP, laptop.freshCode());
    await row(screen.page, 'Laptop').waitFor();
    expect(await namesOn(screen.page)).toEqual([FIRST, 'Laptop']);
  });

  it('replaces no backup codes that another window shows, and new ones replace no key', async () => {
    const person = await portal.enrolled();
    const screen = await onProfile(person);
    const other = await anotherWindow(screen);
    await screen.press(t('twoFactor.newCodes'));
    await screen.press(t('twoFactor.ask.newCodes.ok'));
    await screen.seeHeading(t('backup.title'));
    const tablet = await begin(other, 'Tablet');
    await screen.press(t('backup.download'));
    expect(await screen.page.getByText(t('backup.replaced')).count()).toBe(0);
    await screen.press(t('backup.done'));

    await screen.press(t('twoFactor.newCodes'));
    await screen.press(t('twoFactor.ask.newCodes.ok'));
    await screen.seeHeading(t('backup.title'));
    expect(await other.getByTestId('manual-key').innerText()).toBe(tablet.base32.replace(/(.{4})(?=.)/g, '$1 '));
    await other.getByLabel(APP, { exact: true }).fill(tablet.freshCode());
    await row(other, 'Tablet').waitFor();
  });
});

describe('an app that another window removed', () => {
  it('is told as gone to who renames it, and as removed to who removes it', async () => {
    const screen = await onProfile(await portal.enrolled());
    await add(screen.page, 'Tablet');
    const other = await anotherWindow(screen);
    await buttonOf(screen.page, 'rename', 'Tablet').click();
    await remove(other, 'Tablet');
    await other.getByText(t('authenticators.removed', { name: 'Tablet' })).waitFor();
    await screen.type(NAME, 'Old tablet');
    await screen.press(t('action.save'));
    await screen.see(t('authenticators.gone', { name: 'Tablet' }));
    expect(await screen.page.getByRole('dialog').count()).toBe(0);

    await add(screen.page, 'Laptop');
    await row(other, 'Laptop').waitFor();
    await buttonOf(screen.page, 'remove', 'Laptop').click();
    await remove(other, 'Laptop');
    await row(other, 'Laptop').waitFor({ state: 'detached' });
    // it is not the last one, whatever is left
    await screen.see(t('authenticators.askRemoveWhat'));
    await screen.page
      .getByRole('alertdialog')
      .getByRole('button', { name: t('authenticators.remove'), exact: true })
      .click();
    await screen.see(t('authenticators.removed', { name: 'Laptop' }));
    await screen.page.getByText(t('twoFactor.status.enabled'), { exact: true }).waitFor();
    expect(await namesOn(screen.page)).toEqual([FIRST]);
  });
});

describe('Activity', () => {
  it('tells which app was added, renamed and removed', async () => {
    const person = await portal.enrolled();
    const screen = await onProfile(person);
    await add(screen.page, 'Tablet');
    await buttonOf(screen.page, 'rename', 'Tablet').click();
    await screen.type(NAME, 'Old tablet');
    await screen.press(t('action.save'));
    await screen.see(t('authenticators.renamed', { name: 'Old tablet' }));
    await remove(screen.page, 'Old tablet');
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
