import { type Person, Portal } from '#test/support/portal.js';
import { until } from '#test/support/until.js';
import { focused } from './support/focus.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';

const stage = useStage();

const SWITCH = 'Two-factor authentication for this portal';
const LIMIT = 'Failed attempts that lock an account';
const APP = 'Code from your authenticator app';

const asAdmin = async (portal: Portal, path: string): Promise<Screen> =>
  (await stage.open()).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);
const proofGrowsOld = () => stage.stack.clock.advance(601);

/** Gives the proof that is asked for. */
async function prove(screen: Screen, person: Person): Promise<void> {
  await screen.seeHeading('Confirm your identity');
  const dialog = screen.page.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(person.credentials.password);
  await dialog.getByRole('button', { name: 'Continue' }).click();
}
const focusIsOn = (screen: Screen, name: string) =>
  until(`the focus is on ${name}`, async () => (await focused(screen.page)) === name, 5_000);

describe('R14 what weakens the authentication of others, with a proof that is old', () => {
  it('asks for one and goes on with the change; what was typed stays, and the focus comes back', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asAdmin(portal, '/settings/security');
    await screen.type(LIMIT, '7');
    proofGrowsOld();
    await screen.button('Save').focus();
    await screen.page.keyboard.press('Enter');
    await screen.seeHeading('Confirm your identity');
    await screen.press('Cancel');
    await screen.gone('Confirm your identity');
    await focusIsOn(screen, 'Save');
    expect(await screen.field(LIMIT).inputValue()).toBe('7');
    expect((await portal.api.settings(portal.id)).success().maxFailedAttempts).toBe(5);

    await screen.page.keyboard.press('Enter');
    await screen.seeHeading('Confirm your identity');
    await screen.page.getByRole('dialog').getByLabel('Password', { exact: true }).fill('not the password');
    await screen.press('Continue');
    await screen.see('The password is not right.');
    await prove(screen, portal.admin);
    await screen.see('The settings have been saved.');
    await focusIsOn(screen, 'Save');
    expect((await portal.api.settings(portal.id)).success().maxFailedAttempts).toBe(7);

    // the proof is fresh now, and is not asked for again
    await screen.type(LIMIT, '8');
    await screen.press('Save');
    await screen.page.getByText('The settings have been saved.').nth(1).waitFor();
  });

  it('asks for a code too where the administrator has a second factor', async () => {
    const portal = await Portal.make(stage.stack);
    await portal.admin.enrol();
    const person = await portal.enrolled();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    await screen.button('Disable 2FA').waitFor();
    proofGrowsOld();
    await screen.press('Disable 2FA');
    await screen.press('OK');
    await screen.seeHeading('Confirm your identity');
    const dialog = screen.page.getByRole('dialog');
    await dialog.getByLabel('Password', { exact: true }).fill(portal.admin.credentials.password);
    await dialog.getByLabel(APP, { exact: true }).pressSequentially(portal.admin.phone.freshCode());
    await screen.see(`Two-factor authentication of ${person.credentials.username} is off.`);
  });

  it('asks at every such change: accounts, roles, addresses, locks', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await (await portal.enrolled()).lock();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    await screen.button('Enable user').waitFor();
    proofGrowsOld();
    await screen.press('Enable user');
    await prove(screen, portal.admin);
    await screen.see('can log in again.');

    await screen.type('Email', 'new@acme.example');
    proofGrowsOld();
    await screen.press('Save');
    await prove(screen, portal.admin);
    await screen.see('has been saved.');

    await screen.go(`/p/${portal.id}/contributors/new`);
    await screen.type('Username', 'second-admin');
    await screen.type('Password', 'long enough to be one');
    await screen.page.locator('label').filter({ hasText: 'Administrator' }).click();
    proofGrowsOld();
    await screen.press('Create account');
    await screen.seeHeading('Confirm your identity');
    await screen.press('Cancel');
    expect([await screen.field('Username').inputValue(), await screen.field('Password').inputValue()]).toEqual([
      'second-admin',
      'long enough to be one',
    ]);
    await screen.press('Create account');
    await prove(screen, portal.admin);
    await screen.see('The account second-admin has been created.');
  });

  it('tells nothing and does nothing where one would rather not', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    await screen.button('Disable 2FA').waitFor();
    proofGrowsOld();
    await screen.press('Disable 2FA');
    await screen.press('OK');
    await screen.seeHeading('Confirm your identity');
    await screen.page.keyboard.press('Escape');
    await screen.gone('Confirm your identity');
    await focusIsOn(screen, 'Disable 2FA');
    expect(await screen.page.getByRole('alertdialog').count()).toBe(0);
    expect((await portal.api.account(portal.id, person.id)).success().twoFactor.status).toBe('enabled');
  });
});

describe('who turns off two-factor authentication for all', () => {
  it('is asked first, and told how many people it concerns: as an administrator', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    await portal.enrolled();
    await portal.contributor();
    await (await portal.contributor()).beginSetUp();
    const screen = await asAdmin(portal, '/settings/security');
    await screen.page.getByText(SWITCH).click();
    await screen.press('Save');
    await screen.see('This concerns 2 people who log in with a code today.');
    await screen.press('Cancel');
    expect((await portal.api.settings(portal.id)).success().enabled).toBe(true);
    await screen.press('Save');
    await screen.press('Turn off');
    await screen.see('The settings have been saved.');
    expect((await person.enterPassword()).success().status).toBe('complete');

    // nothing is asked where nothing is weakened
    await screen.page.getByText(SWITCH).click();
    await screen.press('Save');
    await screen.page.getByText('In effect', { exact: true }).waitFor();
  });

  it('is asked first, and told how many people it concerns: as the operator, in a browser with a session of another portal too', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const other = await Portal.make(stage.stack);
    const screen = await asAdmin(other, '/profile');
    await screen.go('/operator');
    await screen.type('Operator token', stage.stack.operatorToken);
    await screen.press('Continue');
    await screen.type('Search by id', portal.id.slice(2).toUpperCase());
    const rows = screen.page.getByRole('row');
    await until('the others are gone', async () => (await rows.count()) === 2);
    const row = rows.filter({ hasText: portal.id });
    await row.getByText('Granted').click();
    await screen.see('This concerns 1 person who logs in with a code today.');
    await screen.press('Cancel');
    expect((await portal.api.settings(portal.id)).success().effective).toBe(true);
    await row.getByText('Granted').click();
    await screen.press('Take away');
    await screen.see(`${portal.id} no longer has the Enterprise Security add-on.`);
    expect((await person.enterPassword()).success().status).toBe('complete');
    await row.getByText('Not granted').click();
    await screen.see(`${portal.id} has the Enterprise Security add-on.`);

    await screen.type('Search by id', 'no-portal-is-called-this');
    await screen.see('No portal matches “no-portal-is-called-this”.');
  });
});
