import { Portal } from '#test/support/portal.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';

const stage = useStage();

const SWITCH = 'Two-factor authentication for this portal';
const LIMIT = 'Failed attempts that lock an account';

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
    await screen.see('Not in effect');
    await screen.page.getByText(SWITCH).click();
    await screen.press('Save');
    await screen.see('The settings have been saved.');
    await screen.page.getByText('In effect', { exact: true }).waitFor();
    const person = await portal.enrolled();
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading('Enter your code');
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
    await screen.press('Save');
    await screen.see('The settings have been saved.');
    const other = await (await stage.open()).enterPassword(person);
    await other.enterCode(person.phone.wrongCode());
    await other.seeHeading('This account is locked');
  });

  it('R03 says that the add-on is missing; the operator grants it, and the setting takes effect', async () => {
    const portal = await Portal.make(stage.stack, { addOn: false });
    const screen = await settingsOf(portal);
    await screen.page.getByText(SWITCH).click();
    await screen.press('Save');
    await screen.see(
      'The portal does not have the Enterprise Security add-on, so two-factor authentication cannot be turned on.',
    );

    const operator = await (await stage.open()).go('/operator');
    await operator.type('Operator token', 'x'.repeat(40));
    await operator.press('Continue');
    await operator.see('This is not the operator token.');
    await operator.type('Operator token', stage.stack.operatorToken);
    await operator.press('Continue');
    const row = operator.page.getByRole('row').filter({ hasText: portal.id });
    await row.getByText('Not granted').click();
    await operator.see(`${portal.id} has the Enterprise Security add-on.`);

    await screen.press('Save');
    await screen.page.getByText('In effect', { exact: true }).waitFor();
    await row.getByText('Granted').click();
    await operator.press('Take away');
    await operator.see(`${portal.id} no longer has the Enterprise Security add-on.`);
    // the page is told by the event
    await screen.see('turned on but not in effect');
    await operator.press('Leave');
    await operator.field('Operator token').waitFor();
    expect(await operator.context.cookies()).toEqual([]);
  });

  it('R04 is for administrators, of whom the last stays one', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.register();
    const theirs = await (await stage.open()).logIn(person);
    for (const name of ['Contributors', 'Activity', 'Settings']) {
      expect([name, await theirs.page.getByRole('link', { name }).count()]).toEqual([name, 0]);
    }
    for (const path of ['settings/security', 'contributors', 'activity']) {
      await theirs.go(`/p/${portal.id}/${path}`);
      await theirs.seeHeading('Page not found');
    }
    const screen = await asAdmin(portal, `/contributors/${portal.admin.id}`);
    await screen.page.locator('label').filter({ hasText: 'Administrator' }).click();
    await screen.press('Save');
    await screen.see('This is the last administrator of the portal. Appoint another one first.');
  });
});

describe('Contributors', () => {
  it('R07, R12 an administrator disables the two-factor authentication of others, sets up none, and sees no key or code', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    await screen.see('10 left');
    for (const name of ['Set up', 'Enable 2FA', 'Reset 2FA', 'New backup codes']) {
      expect([name, await screen.button(name).count()]).toEqual([name, 0]);
    }
    const content = await screen.page.content();
    for (const secret of [person.phone.base32, ...person.backupCodes]) expect(content).not.toContain(secret);
    await screen.press('Disable 2FA');
    await screen.press('OK');
    await screen.see(`Two-factor authentication of ${person.credentials.username} is off.`);
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading('My profile');
  });

  it('R25 a lock appears in the list without a reload; *Enable user* ends it', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const { username } = person.credentials;
    const screen = await asAdmin(portal, '/contributors');
    const row = screen.page.getByRole('row').filter({ hasText: username });
    await screen.orTell(row.getByText('Active').waitFor());
    await person.lock();
    await row.getByText('Locked').waitFor();
    await row.click();
    await screen.see('Too many wrong codes locked this account.');
    await screen.press('Enable user');
    await screen.see(`${username} can log in again.`);
    await (await stage.open()).logIn(person);
  });

  it('are found by a part of their names, and made with what is wrong said beside the field', async () => {
    const portal = await Portal.make(stage.stack);
    const known = await portal.register({ displayName: 'Zoë Quirk' });
    for (let i = 0; i < 3; i += 1) await portal.register();
    const screen = await asAdmin(portal, '/contributors');
    await screen.type('Search by username, name or email', 'quirk');
    await screen.page.getByRole('row').nth(1).getByText(known.credentials.username).waitFor();
    await screen.type('Search by username, name or email', 'nobody has this');
    await screen.see('No account matches “nobody has this”.');

    await screen.go(`/p/${portal.id}/contributors/new`);
    await screen.type('Username', known.credentials.username.toUpperCase());
    await screen.type('Password', 'short');
    await screen.press('Create account');
    await screen.see('8 to 256 characters.');
    await screen.type('Password', 'long enough to be one');
    await screen.press('Create account');
    await screen.see('This username is taken.');
    await screen.type('Username', 'newcomer');
    await screen.press('Create account');
    await screen.see('The account newcomer has been created.');
    await screen.seeHeading('newcomer');
  });

  it('R08 a Contributor made a Power Reader is asked for no code, and made a Contributor again is', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    const become = async (type: string) => {
      await screen.page.getByRole('button', { name: /Account type/ }).click();
      await screen.page.getByRole('option', { name: type }).click();
      await screen.press('Save');
      await screen.see(`The account ${person.credentials.username} has been saved.`);
    };
    await become('Power Reader');
    const other = await (await stage.open()).enterPassword(person);
    await other.seeHeading('My profile');
    await screen.page.reload();
    await become('Contributor');
    await other.logOut();
    await other.enterPassword(person);
    await other.seeHeading('Enter your code');
  });
});

describe('Activity', () => {
  it('R29, R31 shows every event as it happens, by person and by kind, and exports them', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const { username } = person.credentials;
    const screen = await asAdmin(portal, '/activity');
    const events = screen.page.getByRole('table', { name: 'Events' });
    await screen.orTell(
      events.getByRole('row').filter({ hasText: '2FA enabled' }).filter({ hasText: username }).waitFor(),
    );
    await screen.page.getByText('Live', { exact: true }).waitFor();
    expect(await events.getByRole('row').filter({ hasText: 'Account locked' }).count()).toBe(0);
    await person.lock();
    await events.getByRole('row').filter({ hasText: 'Account locked' }).filter({ hasText: username }).waitFor();

    expect(await screen.page.evaluate(COLOURS_DRAWN)).toContain(
      await screen.page.evaluate("getComputedStyle(document.querySelector('figcaption i')).backgroundColor"),
    );

    const download = screen.page.waitForEvent('download');
    await screen.page.getByRole('link', { name: 'CSV' }).click();
    expect((await download).suggestedFilename()).toBe(`events-${portal.id}.csv`);

    await screen.page.getByRole('button', { name: /^What|Everything/ }).click();
    await screen.page.getByRole('option', { name: 'Account locked' }).click();
    await events.getByRole('row').filter({ hasText: '2FA enabled' }).waitFor({ state: 'detached' });
    await events.getByRole('row').filter({ hasText: 'Account locked' }).waitFor();
    // a link to what one sees
    await screen.page.reload();
    await events.getByRole('row').filter({ hasText: 'Account locked' }).waitFor();
    expect(await events.getByRole('row').count()).toBe(2);
  });
});
