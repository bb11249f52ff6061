import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { focused } from './support/focus.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();

const SWITCH = t('settings.fields.enabled.label');
const LIMIT = t('settings.fields.maxFailedAttempts.label');
const APP = t('code.app');

const asAdmin = async (portal: Portal, path: string): Promise<Screen> =>
  (await stage.open()).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);
const proofGrowsOld = () => stage.stack.clock.advance(601);

/** Gives the proof that is asked for. */
async function prove(screen: Screen, person: Person): Promise<void> {
  await screen.seeHeading(t('proof.title'));
  const dialog = screen.page.getByRole('dialog');
  await dialog.getByLabel(t('login.password'), { exact: true }).fill(person.credentials.password);
  await dialog.getByRole('button', { name: t('action.continue') }).click();
}
const focusIsOn = (screen: Screen, name: string) =>
  until(`the focus is on ${name}`, async () => (await focused(screen.page)) === name, 5_000);

describe('R14 what weakens the authentication of others, with a proof that is old', () => {
  it('asks for one and goes on with the change; what was typed stays, and the focus comes back', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asAdmin(portal, '/settings/security');
    await screen.type(LIMIT, '7');
    proofGrowsOld();
    await screen.button(t('action.save')).focus();
    await screen.page.keyboard.press('Enter');
    await screen.seeHeading(t('proof.title'));
    await screen.press(t('action.cancel'));
    await screen.gone(t('proof.title'));
    await focusIsOn(screen, t('action.save'));
    expect(await screen.field(LIMIT).inputValue()).toBe('7');
    expect((await portal.api.settings(portal.id)).success().maxFailedAttempts).toBe(5);

    await screen.page.keyboard.press('Enter');
    await screen.seeHeading(t('proof.title'));
    await screen.page.getByRole('dialog').getByLabel(t('login.password'), { exact: true }).fill('not the password');
    await screen.press(t('action.continue'));
    await screen.see(t('problem.proof.invalid-credentials'));
    await prove(screen, portal.admin);
    await screen.see(t('settings.saved'));
    await focusIsOn(screen, t('action.save'));
    expect((await portal.api.settings(portal.id)).success().maxFailedAttempts).toBe(7);

    // the proof is fresh now, and is not asked for again
    await screen.type(LIMIT, '8');
    await screen.press(t('action.save'));
    await screen.page.getByText(t('settings.saved')).nth(1).waitFor();
  });

  it('asks for a code too where the administrator has a second factor', async () => {
    const portal = await Portal.make(stage.stack);
    await portal.admin.enrol();
    const person = await portal.enrolled();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    await screen.button(t('twoFactor.disable')).waitFor();
    proofGrowsOld();
    await screen.press(t('twoFactor.disable'));
    await screen.press(t('twoFactor.ask.disable.ok'));
    await screen.seeHeading(t('proof.title'));
    const dialog = screen.page.getByRole('dialog');
    await dialog.getByLabel(t('login.password'), { exact: true }).fill(portal.admin.credentials.password);
    await dialog.getByLabel(APP, { exact: true }).pressSequentially(portal.admin.phone.freshCode());
    await screen.see(t('contributors.twoFactorDisabled', { username: person.credentials.username }));
  });

  it('asks at every such change: accounts, roles, addresses, locks', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await (await portal.enrolled()).lock();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    await screen.button(t('contributors.unlock')).waitFor();
    proofGrowsOld();
    await screen.press(t('contributors.unlock'));
    await prove(screen, portal.admin);
    await screen.see(t('contributors.unlocked', { username: person.credentials.username }));

    await screen.type(t('account.email'), 'new@acme.example');
    proofGrowsOld();
    await screen.press(t('action.save'));
    await prove(screen, portal.admin);
    await screen.see(t('contributors.saved', { username: person.credentials.username }));

    await screen.go(`/p/${portal.id}/contributors/new`);
    await screen.type(t('login.username'), 'second-admin');
    await screen.type(t('login.password'), 'long enough to be one');
    await screen.page
      .locator('label')
      .filter({ hasText: t('account.administrator') })
      .click();
    proofGrowsOld();
    await screen.press(t('contributors.create'));
    await screen.seeHeading(t('proof.title'));
    await screen.press(t('action.cancel'));
    expect([
      await screen.field(t('login.username')).inputValue(),
      await screen.field(t('login.password')).inputValue(),
    ]).toEqual(['second-admin', 'long enough to be one']);
    await screen.press(t('contributors.create'));
    await prove(screen, portal.admin);
    await screen.see(t('contributors.created', { username: 'second-admin' }));
  });

  it('tells nothing and does nothing where one would rather not', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const screen = await asAdmin(portal, `/contributors/${person.id}`);
    await screen.button(t('twoFactor.disable')).waitFor();
    proofGrowsOld();
    await screen.press(t('twoFactor.disable'));
    await screen.press(t('twoFactor.ask.disable.ok'));
    await screen.seeHeading(t('proof.title'));
    await screen.page.keyboard.press('Escape');
    await screen.gone(t('proof.title'));
    await focusIsOn(screen, t('twoFactor.disable'));
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
    await screen.press(t('action.save'));
    await screen.see(t('concerned.people', { count: 2 }));
    await screen.press(t('action.cancel'));
    expect((await portal.api.settings(portal.id)).success().enabled).toBe(true);
    await screen.press(t('action.save'));
    await screen.press(t('settings.askOff.ok'));
    await screen.see(t('settings.saved'));
    expect((await person.enterPassword()).success().status).toBe('complete');

    // nothing is asked where nothing is weakened
    await screen.page.getByText(SWITCH).click();
    await screen.press(t('action.save'));
    await screen.page.getByText(t('settings.effective'), { exact: true }).waitFor();
  });

  it('is asked first, and told how many people it concerns: as the operator, in a browser with a session of another portal too', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const other = await Portal.make(stage.stack);
    const screen = await asAdmin(other, '/profile');
    await screen.go('/operator');
    await screen.type(t('operator.token'), stage.stack.operatorToken);
    await screen.press(t('action.continue'));
    await screen.type(t('operator.search'), portal.id.slice(2).toUpperCase());
    const rows = screen.page.getByRole('row');
    await until('the others are gone', async () => (await rows.count()) === 2);
    const row = rows.filter({ hasText: portal.id });
    await row.getByText(t('operator.present')).click();
    await screen.see(t('concerned.people', { count: 1 }));
    await screen.press(t('action.cancel'));
    expect((await portal.api.settings(portal.id)).success().effective).toBe(true);
    await row.getByText(t('operator.present')).click();
    await screen.press(t('operator.askRevoke.ok'));
    await screen.see(t('operator.revoked', { portal: portal.id }));
    expect((await person.enterPassword()).success().status).toBe('complete');
    await row.getByText(t('operator.absent')).click();
    await screen.see(t('operator.granted', { portal: portal.id }));

    await screen.type(t('operator.search'), 'no-portal-is-called-this');
    await screen.see(t('operator.noneFound', { query: 'no-portal-is-called-this' }));
  });
});
