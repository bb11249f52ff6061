import { type Person, Portal } from '#test/support/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import { lookAt } from './support/picture.js';
import { useStage } from './support/stage.js';

const stage = useStage();
const portal = usePortal(stage.stack, { id: 'acme', admin: 'grace' });
let alice: Person;
beforeAll(async () => {
  alice = await portal.register({ username: 'alice', displayName: 'Alice Arden', email: 'alice@acme.example' });
});

const APP = 'Code from your authenticator app';

/** In this order: the later ones show what the earlier ones did. */
describe('the screen', () => {
  it('login', async () => {
    const screen = await (await stage.open()).go('/login?portal=acme');
    await screen.seeHeading('Log in');
    await lookAt('login', screen);
    await screen.enterPassword(alice, 'not the password');
    await screen.see('Username or password is not right.');
    await lookAt('login-refused', screen);
  });

  it('login by a link', async () => {
    const screen = await stage.open();
    await screen.go(`/login/token#${new URLSearchParams({ portal: 'acme', token: 'lgn_none' }).toString()}`);
    await screen.see('acme');
    await lookAt('login-link', screen);
  });

  it('my profile, and setting up', async () => {
    const screen = await (await stage.open()).logIn(alice);
    await screen.button('Set up').waitFor();
    await lookAt('profile-off', screen);
    await screen.press('Set up');
    await screen.page.getByTestId('manual-key').waitFor();
    await lookAt('profile-setup', screen);
    const key = await screen.page.getByTestId('manual-key').innerText();
    const uri = `otpauth://totp/x?secret=${key.replaceAll(' ', '')}&period=30`;
    await screen.type(APP, alice.scan(uri).freshCode());
    await screen.seeHeading('Your backup codes');
    await lookAt('profile-backup-codes', screen);
    await screen.press('I have saved them');
    await screen.button('Disable 2FA').waitFor();
    await lookAt('profile-on', screen);
    await screen.press('Disable 2FA');
    await screen.button('OK').waitFor();
    await lookAt('profile-disable', screen);
    stage.stack.clock.advance(601);
    await screen.press('OK');
    await screen.seeHeading('Confirm your identity');
    await lookAt('profile-proof', screen);
  });

  it('code, and what follows wrong ones', async () => {
    const screen = await (await stage.open()).enterPassword(alice);
    await screen.field(APP).waitFor();
    await lookAt('login-code', screen);
    await screen.enterCode(alice.phone.wrongCode());
    await screen.see('4 attempts left before the account is locked.');
    await lookAt('login-code-refused', screen);
    await screen.press('Use a backup code');
    await lookAt('login-backup-code', screen);
    await alice.lock();
    await screen.type('Backup code', 'AAAA-AAAA-AAAA-AAAA');
    await screen.press('Continue');
    await screen.seeHeading('This account is locked');
    await lookAt('login-locked', screen);
  });

  it('my profile of who cannot have it', async () => {
    const reader = await portal.register({ type: 'power-reader', username: 'bob', displayName: 'Bob Byrd' });
    const screen = await (await stage.open()).logIn(reader);
    await screen.see('your account is a Power Reader.');
    await lookAt('profile-power-reader', screen);
  });

  it('contributors', async () => {
    for (const [username, displayName] of [
      ['carol', 'Carol Chen'],
      ['dmitri', 'Dmitri Dolgov'],
      ['emma', 'Emma Eze'],
    ] as const) {
      await (await portal.register({ username, displayName, email: `${username}@acme.example` })).signIn();
    }
    const screen = await (await stage.open()).logIn(portal.admin, '/login?next=/p/acme/contributors');
    await screen.page.getByRole('row').filter({ hasText: 'alice' }).getByText('Locked').waitFor();
    await lookAt('contributors', screen);
    await screen.type('Search by username, name or email', 'nobody');
    await screen.see('No account matches “nobody”.');
    await lookAt('contributors-none', screen);
    await screen.go(`/p/acme/contributors/${alice.id}`);
    await screen.button('Enable user').waitFor();
    await lookAt('contributor-locked', screen);
    await screen.go('/p/acme/contributors/new');
    await screen.field('Username').waitFor();
    await lookAt('contributor-new', screen);
  });

  it('activity', async () => {
    const screen = await (await stage.open()).logIn(portal.admin, '/login?next=/p/acme/activity');
    await screen.page.getByRole('row').filter({ hasText: 'Portal created' }).waitFor();
    await screen.page.locator('figure canvas').first().waitFor();
    await lookAt('activity', screen);
  });

  it('settings', async () => {
    const screen = await (await stage.open()).logIn(portal.admin, '/login?next=/p/acme/settings/security');
    await screen.page.getByText('In effect', { exact: true }).waitFor();
    await lookAt('settings', screen);
    await screen.page.getByText('Two-factor authentication for this portal').click();
    await screen.press('Save');
    await screen.see(/This concerns|Nobody has set it up/);
    await lookAt('settings-ask-off', screen);
    await screen.press('Cancel');
    await screen.press('Undo');
    (await stage.stack.operator.revokeAddOn('acme')).success();
    await screen.see('turned on but not in effect');
    await lookAt('settings-add-on-missing', screen);
  });

  it('operator', async () => {
    await Portal.make(stage.stack, { id: 'globex' });
    const screen = await (await stage.open()).go('/operator');
    await screen.field('Operator token').waitFor();
    await lookAt('operator-login', screen);
    await screen.type('Operator token', stage.stack.operatorToken);
    await screen.press('Continue');
    await screen.page.getByRole('row').filter({ hasText: 'globex' }).waitFor();
    await lookAt('operator', screen);
  });

  it('in another language', async () => {
    const screen = await stage.open({ locale: 'de-DE' });
    await screen.go('/login?portal=acme');
    await screen.page.getByLabel('Passwort', { exact: true }).waitFor();
    expect(await screen.page.locator('html').getAttribute('lang')).toBe('de');
    await lookAt('login-german', screen);
  });

  it('an address of another portal', async () => {
    const screen = await (await stage.open()).logIn(portal.admin);
    await screen.go('/p/globex/profile');
    await screen.seeHeading('You are logged in to another portal');
    await lookAt('other-portal', screen);
  });

  it('an address where nothing is', async () => {
    const screen = await (await stage.open()).go('/nothing-here');
    await screen.seeHeading('Page not found');
    await lookAt('not-found', screen);
  });
});
