import { Portal } from '#test/support/people/portal.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();

const SWITCH = t('settings.fields.enabled.label');
const LIMIT = t('settings.fields.maxFailedAttempts.label');

/** Of all full pixels of the chart. */
const COLOURS_DRAWN = `(() => {
  const { width, height } = document.querySelector('figure canvas');
  const { data } = document.querySelector('figure canvas').getContext('2d').getImageData(0, 0, width, height);
  const colours = new Set();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) colours.add('rgb(' + data.slice(i, i + 3).join(', ') + ')');
  return [...colours];
})()`;

const asAdmin = async (portal: Portal, path: string): Promise<Screen> =>
  (await stage.open()).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);
const settingsOf = (portal: Portal) => asAdmin(portal, '/settings/security');

describe('Settings → Security → Two-factor authentication', () => {
  it('R01 is off for a new portal, and is turned on for all of it', async () => {
    const portal = await Portal.make(stage.stack, { enabled: false });
    const screen = await settingsOf(portal);
    await screen.see(t('settings.notEffective'));
    await screen.page.getByText(SWITCH).click();
    await screen.press(t('action.save'));
    await screen.see(t('settings.saved'));
    await screen.page.getByText(t('settings.effective'), { exact: true }).waitFor();
    const person = await portal.enrolled();
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading(t('login.codeTitle'));
  });

  it('R02 takes a limit of 1 to 100, which holds from the next attempt on', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const screen = await settingsOf(portal);
    await screen.field(LIMIT).waitFor();
    expect(await screen.field(LIMIT).inputValue()).toBe('5');
    for (const [typed, becomes] of [
      ['101', '100'],
      ['0', '1'],
    ] as const) {
      await screen.type(LIMIT, typed);
      await screen.field(LIMIT).blur();
      expect([typed, await screen.field(LIMIT).inputValue()]).toEqual([typed, becomes]);
    }
    await screen.press(t('action.save'));
    await screen.see(t('settings.saved'));
    const other = await (await stage.open()).enterPassword(person);
    await other.enterCode(person.phone.wrongCode());
    await other.seeHeading(t('locked.title'));
  });

  it('R03 says that the add-on is missing; the operator grants it, and the setting takes effect', async () => {
    const portal = await Portal.make(stage.stack, { addOn: false });
    const screen = await settingsOf(portal);
    await screen.page.getByText(SWITCH).click();
    await screen.press(t('action.save'));
    await screen.see(t('problem.settings.add-on-required'));

    const operator = await (await stage.open()).go('/operator');
    await operator.type(t('operator.token'), 'x'.repeat(40));
    await operator.press(t('action.continue'));
    await operator.see(t('problem.operator.unauthenticated'));
    await operator.type(t('operator.token'), stage.stack.operatorToken);
    await operator.press(t('action.continue'));
    const row = operator.page.getByRole('row').filter({ hasText: portal.id });
    await row.getByText(t('operator.absent')).click();
    await operator.see(t('operator.granted', { portal: portal.id }));

    await screen.press(t('action.save'));
    await screen.page.getByText(t('settings.effective'), { exact: true }).waitFor();
    await row.getByText(t('operator.present')).click();
    await operator.press(t('operator.askRevoke.ok'));
    await operator.see(t('operator.revoked', { portal: portal.id }));
    // the page is told by the event
    await screen.see(t('settings.addOnMissing'));
    await operator.press(t('operator.leave'));
    await operator.field(t('operator.token')).waitFor();
    expect(await operator.context.cookies()).toEqual([]);
  });

  it('R04 is for administrators, of whom the last stays one', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.register();
    const theirs = await (await stage.open()).logIn(person);
    for (const name of [t('contributors.title'), t('activity.title'), t('settings.title')]) {
      expect([name, await theirs.page.getByRole('link', { name }).count()]).toEqual([name, 0]);
    }
    for (const path of ['settings/security', 'contributors', 'activity']) {
      await theirs.go(`/p/${portal.id}/${path}`);
      await theirs.seeHeading(t('notFound.title'));
    }
    const screen = await asAdmin(portal, `/contributors/${portal.admin.id}`);
    await screen.page
      .locator('label')
      .filter({ hasText: t('account.administrator') })
      .click();
    await screen.press(t('action.save'));
    await screen.see(t('problem.last-administrator'));
  });
});

describe('Contributors', () => {
  it('R07, R12 an administrator disables the two-factor authentication of others, sets up none, and sees no key or code', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    await screen.see(t('twoFactor.left', { count: 10 }));
    for (const name of [t('twoFactor.setUp'), t('twoFactor.enable'), t('twoFactor.reset'), t('twoFactor.newCodes')]) {
      expect([name, await screen.button(name).count()]).toEqual([name, 0]);
    }
    const content = await screen.page.content();
    for (const secret of [person.phone.base32, ...person.backupCodes]) expect(content).not.toContain(secret);
    await screen.press(t('twoFactor.disable'));
    await screen.press(t('twoFactor.ask.disable.ok'));
    await screen.see(t('contributors.twoFactorDisabled', { username: person.credentials.username }));
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading(t('profile.title'));
  });

  it('R25 a lock appears in the list without a reload; *Enable user* ends it', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const { username } = person.credentials;
    const screen = await asAdmin(portal, '/contributors');
    const row = screen.page.getByRole('row').filter({ hasText: username });
    await screen.orTell(row.getByText(t('account.active')).waitFor());
    await person.lock();
    await row.getByText(t('account.locked')).waitFor();
    await row.click();
    await screen.see(t('contributors.lockedWhy'));
    await screen.press(t('contributors.unlock'));
    await screen.see(t('contributors.unlocked', { username }));
    await (await stage.open()).logIn(person);
  });

  it('are found by a part of their names, and made with what is wrong said beside the field', async () => {
    const portal = await Portal.make(stage.stack);
    const known = await portal.register({ displayName: 'Zoë Quirk' });
    for (let i = 0; i < 3; i += 1) await portal.register();
    const screen = await asAdmin(portal, '/contributors');
    await screen.type(t('contributors.search'), 'quirk');
    await screen.page.getByRole('row').nth(1).getByText(known.credentials.username).waitFor();
    await screen.type(t('contributors.search'), 'nobody has this');
    await screen.see(t('contributors.noneFound', { query: 'nobody has this' }));

    await screen.go(`/p/${portal.id}/contributors/new`);
    await screen.type(t('login.username'), known.credentials.username.toUpperCase());
    await screen.type(t('login.password'), 'short');
    await screen.press(t('contributors.create'));
    await screen.see(t('malformed.password'));
    await screen.type(t('login.password'), 'long enough to be one');
    await screen.press(t('contributors.create'));
    await screen.see(t('problem.username-taken'));
    await screen.type(t('login.username'), 'newcomer');
    await screen.press(t('contributors.create'));
    await screen.see(t('contributors.created', { username: 'newcomer' }));
    await screen.seeHeading('newcomer');
  });

  it('R32 without a password and with an external id are made, told apart, and renamed', async () => {
    const portal = await Portal.make(stage.stack);
    const taken = await portal.register({ externalId: 'u-1' });
    const screen = await asAdmin(portal, '/contributors/new');
    await screen.type(t('account.username'), 'gina');
    await screen.type(t('account.externalId'), 'u-1');
    await screen.press(t('contributors.create'));
    await screen.see(t('problem.external-id-taken'));
    await screen.type(t('account.externalId'), 'u-2');
    await screen.press(t('contributors.create'));
    await screen.see(t('contributors.created', { username: 'gina' }));
    await screen.page.getByText(t('account.noPassword'), { exact: true }).waitFor();
    await screen.page.getByText('u-2', { exact: true }).waitFor();
    const [gina] = (await portal.api.accounts(portal.id, { externalId: 'u-2' })).success().accounts;
    expect(gina).toMatchObject({ username: 'gina', hasPassword: false });

    await screen.type(t('account.username'), taken.credentials.username);
    await screen.press(t('action.save'));
    await screen.see(t('problem.username-taken'));
    await screen.type(t('account.username'), 'gina.garcia');
    await screen.type(t('account.externalId'), '');
    await screen.press(t('action.save'));
    await screen.see(t('contributors.saved', { username: 'gina.garcia' }));
    const renamed = (await portal.api.account(portal.id, gina!.id)).success();
    expect([renamed.username, renamed.externalId]).toEqual(['gina.garcia', undefined]);

    await screen.go(`/p/${portal.id}/contributors`);
    const row = (username: string) => screen.page.getByRole('row').filter({ hasText: username });
    await row('gina.garcia').getByText(t('account.noPassword')).waitFor();
    await row(taken.credentials.username).getByText('u-1').waitFor();
    expect(await row(taken.credentials.username).getByText(t('account.noPassword')).count()).toBe(0);
  });

  it('R08 a Contributor made a Power Reader is asked for no code, and made a Contributor again is', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    const become = async (type: string) => {
      await screen.page.getByRole('button', { name: t('account.role') }).click();
      await screen.page.getByRole('option', { name: type }).click();
      await screen.press(t('action.save'));
      await screen.see(t('contributors.saved', { username: person.credentials.username }));
    };
    await become(t('account.power-reader'));
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading(t('profile.title'));
    await screen.page.reload();
    await become(t('account.contributor'));
    await other.logOut();
    await other.enterPassword(person);
    await other.seeHeading(t('login.codeTitle'));
  });
});

describe('Activity', () => {
  it('R29, R31 shows every event as it happens, by person and by kind, and exports them', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const { username } = person.credentials;
    const screen = await asAdmin(portal, '/activity');
    const events = screen.page.getByRole('table', { name: t('activity.events') });
    await screen.orTell(
      events
        .getByRole('row')
        .filter({ hasText: t('event.two-factor-enabled') })
        .filter({ hasText: username })
        .waitFor(),
    );
    await screen.page.getByText(t('activity.state.live'), { exact: true }).waitFor();
    expect(
      await events
        .getByRole('row')
        .filter({ hasText: t('event.account-locked') })
        .count(),
    ).toBe(0);
    await person.lock();
    await events
      .getByRole('row')
      .filter({ hasText: t('event.account-locked') })
      .filter({ hasText: username })
      .waitFor();

    expect(await screen.page.evaluate(COLOURS_DRAWN)).toContain(
      await screen.page.evaluate("getComputedStyle(document.querySelector('figcaption i')).backgroundColor"),
    );

    const download = screen.page.waitForEvent('download');
    await screen.page.getByRole('link', { name: t('activity.export.csv') }).click();
    expect((await download).suggestedFilename()).toBe(`events-${portal.id}.csv`);

    await screen.page.getByRole('button', { name: t('activity.everyType') }).click();
    await screen.page.getByRole('option', { name: t('event.account-locked') }).click();
    await screen.page.keyboard.press('Escape');
    await events
      .getByRole('row')
      .filter({ hasText: t('event.two-factor-enabled') })
      .waitFor({ state: 'detached' });
    await events
      .getByRole('row')
      .filter({ hasText: t('event.account-locked') })
      .waitFor();
    // a link to what one sees
    await screen.page.reload();
    await events
      .getByRole('row')
      .filter({ hasText: t('event.account-locked') })
      .waitFor();
    expect(await events.getByRole('row').count()).toBe(2);
  });
});
