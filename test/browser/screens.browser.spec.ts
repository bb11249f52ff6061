import { Authenticator } from '#test/support/people/authenticator.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import { lookAt } from './support/picture.js';
import { useStage } from './support/stage.js';
import { t, wordsOf } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack, { id: 'acme', admin: 'grace' });
let alice: Person;
beforeAll(async () => {
  alice = await portal.register({ username: 'alice', displayName: 'Alice Arden', email: 'alice@acme.example' });
});

const APP = t('code.app');

/** In this order: the later ones show what the earlier ones did. */
describe('the screen', () => {
  it('login', async () => {
    const screen = await (await stage.open()).go('/login?portal=acme');
    await screen.seeHeading(t('login.title'));
    await lookAt('login', screen);
    await screen.enterPassword(alice, 'not the password');
    await screen.see(t('problem.login.invalid-credentials'));
    await lookAt('login-refused', screen);
  });

  it('login by a link', async () => {
    const screen = await stage.open();
    await screen.go(`/login/token#${new URLSearchParams({ portal: 'acme', token: 'lgn_none' }).toString()}`);
    await screen.see('acme');
    await lookAt('login-link', screen);
  });

  it('a password by a link', async () => {
    const screen = await (await stage.open()).go('/password#pwl_none');
    await screen.field(t('password.new')).waitFor();
    await lookAt('password-link', screen);
    await screen.type(t('password.new'), 'a password of mine');
    await screen.type(t('password.again'), 'a password of mine');
    await screen.press(t('setPassword.action'));
    await screen.see(t('problem.setPassword.invalid-credentials'));
    await lookAt('password-link-refused', screen);
    await screen.go('/login');
    await screen.go('/password');
    await screen.see(t('setPassword.missing'));
    await lookAt('password-link-missing', screen);
  });

  it('my profile, and setting up', async () => {
    const screen = await (await stage.open()).logIn(alice);
    await screen.button(t('twoFactor.setUp')).waitFor();
    await lookAt('profile-off', screen);
    await screen.press(t('twoFactor.setUp'));
    await screen.page.getByTestId('manual-key').waitFor();
    await lookAt('profile-setup', screen);
    const key = await screen.page.getByTestId('manual-key').innerText();
    const uri = `otpauth://totp/x?secret=${key.replaceAll(' ', '')}&period=30`;
    await screen.type(APP, alice.scan(uri).freshCode());
    await screen.seeHeading(t('backup.title'));
    await lookAt('profile-backup-codes', screen);
    await screen.press(t('backup.done'));
    await screen.button(t('twoFactor.disable')).waitFor();
    await screen.press(t('authenticators.add'));
    await screen.type(t('authenticators.name'), 'Tablet at home');
    await lookAt('profile-add-name', screen);
    await screen.press(t('action.continue'));
    await screen.page.getByTestId('manual-key').waitFor();
    await lookAt('profile-add', screen);
    const second = await screen.page.getByTestId('manual-key').innerText();
    const tablet = new Authenticator(
      `otpauth://totp/x?secret=${second.replaceAll(' ', '')}&period=30`,
      stage.stack.clock,
    );
    await screen.type(APP, tablet.freshCode());
    await screen.see(t('authenticators.added', { name: 'Tablet at home' }));
    await screen.press(t('action.close'));
    await lookAt('profile-on', screen);
    await screen.page.getByRole('button', { name: /^Remove: Tablet/ }).click();
    await screen.see(t('authenticators.askRemoveWhat'));
    await lookAt('profile-remove-app', screen);
    await screen.press(t('action.cancel'));
    await screen.press(t('twoFactor.disable'));
    await screen.button(t('twoFactor.ask.disable.ok')).waitFor();
    await lookAt('profile-disable', screen);
    stage.stack.clock.advance(601);
    await screen.press(t('twoFactor.ask.disable.ok'));
    await screen.seeHeading(t('proof.title'));
    await lookAt('profile-proof', screen);
  });

  it('code, and what follows wrong ones', async () => {
    const screen = await (await stage.open()).enterPassword(alice);
    await screen.field(APP).waitFor();
    await lookAt('login-code', screen);
    await screen.enterCode(alice.phone.wrongCode());
    await screen.see(t('problem.wrong-code-left', { count: 4 }));
    await lookAt('login-code-refused', screen);
    await screen.press(t('code.useBackup'));
    await lookAt('login-backup-code', screen);
    await alice.lock();
    await screen.type(t('code.backup'), 'AAAA-AAAA-AAAA-AAAA');
    await screen.press(t('action.continue'));
    await screen.seeHeading(t('locked.title'));
    await lookAt('login-locked', screen);
  });

  it('my profile of who cannot have it', async () => {
    const reader = await portal.register({ type: 'power-reader', username: 'bob', displayName: 'Bob Byrd' });
    const screen = await (await stage.open()).logIn(reader);
    await screen.see(t('twoFactor.reason.contributors-only'));
    await lookAt('profile-power-reader', screen);
  });

  it('activity', async () => {
    const screen = await (await stage.open()).logIn(portal.admin, '/login?next=/p/acme/activity');
    await screen.page
      .getByRole('row')
      .filter({ hasText: t('event.portal-created') })
      .waitFor();
    await screen.page.locator('figure canvas').first().waitFor();
    await lookAt('activity', screen);
    await screen.page
      .getByRole('button', { name: t('event.account-locked') })
      .first()
      .click();
    await screen.button(t('activity.copy')).waitFor();
    await lookAt('activity-open', screen);
  });

  it('activity in another language', async () => {
    const de = wordsOf('de');
    const screen = await stage.open({ locale: 'de-DE', timezoneId: 'Europe/Berlin' });
    await screen.go('/login?next=/p/acme/activity');
    await screen.page.getByLabel(de('login.portal'), { exact: true }).fill('acme');
    await screen.page.getByLabel(de('login.username'), { exact: true }).fill('grace');
    await screen.page.getByLabel(de('login.password'), { exact: true }).fill(portal.admin.credentials.password);
    await screen.page.getByRole('button', { name: de('login.action'), exact: true }).click();
    await screen.page.getByText(de('activity.state.live'), { exact: true }).waitFor();
    await screen.page
      .getByRole('button', { name: de('event.account-locked') })
      .first()
      .click();
    await lookAt('activity-german', screen);
  });

  it('settings', async () => {
    const screen = await (await stage.open()).logIn(portal.admin, '/login?next=/p/acme/settings/security');
    await screen.page.getByText(t('settings.effective'), { exact: true }).waitFor();
    await lookAt('settings-first-steps', screen);
    await screen.press(t('onboarding.hide'));
    const idp = {
      issuer: 'https://login.acme.example',
      audience: 'portal',
      jwksUri: 'https://login.acme.example/keys',
    };
    (await portal.api.changeSso('acme', idp)).success();
    const token = { name: 'Mail gateway', scopes: ['challenges' as const, 'accounts' as const] };
    (await stage.stack.operator.issueServiceToken('acme', token)).success();
    await screen.page.reload();
    await screen.see(t('serviceTokens.neverUsed'));
    await lookAt('settings', screen);
    const german = await stage.open({ locale: 'de-DE', timezoneId: 'Europe/Berlin' });
    const de = wordsOf('de');
    await german.go('/login?portal=acme&next=/p/acme/settings/security');
    await german.type(de('login.username'), 'grace');
    await german.type(de('login.password'), portal.admin.credentials.password);
    await german.press(de('login.action'));
    await german.seeHeading(de('onboarding.title'));
    await german.see(de('serviceTokens.neverUsed'));
    await lookAt('settings-german', german);
    await screen.page.getByText(t('settings.fields.enabled.label')).click();
    await screen.press(t('action.save'));
    await screen.see(new RegExp(`${t('concerned.people', { count: 1 })}|${t('concerned.nobody')}`));
    await lookAt('settings-ask-off', screen);
    await screen.press(t('action.cancel'));
    await screen.press(t('action.undo'));
    (await stage.stack.operator.revokeAddOn('acme')).success();
    await screen.see(t('settings.addOnMissing'));
    await lookAt('settings-add-on-missing', screen);
  });

  it('operator', async () => {
    await Portal.make(stage.stack, { id: 'globex' });
    const screen = await (await stage.open()).go('/operator');
    await screen.field(t('operator.token')).waitFor();
    await lookAt('operator-login', screen);
    await screen.type(t('operator.token'), stage.stack.operatorToken);
    await screen.press(t('action.continue'));
    await screen.page.getByRole('row').filter({ hasText: 'globex' }).waitFor();
    await lookAt('operator', screen);
    for (const [name, ...scopes] of [
      ['VPN gateway', 'challenges', 'accounts'],
      ['Audit archive', 'events'],
    ] as const) {
      (await stage.stack.operator.issueServiceToken('acme', { name, scopes })).success();
    }
    await screen.page.getByRole('link', { name: 'acme', exact: true }).click();
    await screen.see('Audit archive');
    await lookAt('operator-portal', screen);
    await screen.type(t('serviceTokens.name'), 'Helpdesk');
    await screen.page
      .locator('label')
      .filter({ hasText: t('serviceTokens.scope.commands.label') })
      .click();
    await screen.press(t('serviceTokens.issue'));
    await screen.button(t('shownOnce.done')).waitFor();
    await lookAt('operator-token', screen);
    await screen.press(t('shownOnce.done'));
    await screen.page.getByRole('link', { name: t('operator.accounts') }).click();
    await screen.page.getByRole('button', { name: t('passwordLink.createFor', { username: 'bob' }) }).click();
    await screen.see(t('passwordLink.what'));
    await lookAt('operator-password-link', screen);
    await screen.page
      .getByRole('dialog')
      .getByRole('button', { name: t('passwordLink.create') })
      .click();
    await screen.button(t('shownOnce.done')).waitFor();
    await lookAt('operator-password-link-made', screen);
    await screen.press(t('shownOnce.done'));
    await lookAt('operator-accounts', screen);

    await screen.go('/operator/portals/acme/clients');
    await screen.type(t('clients.name'), 'Intranet');
    await screen.type(t('clients.redirectUris'), 'https://intranet.acme.example/callback');
    await screen.press(t('clients.register'));
    await screen.button(t('shownOnce.done')).waitFor();
    await lookAt('operator-client-secret', screen);
    await screen.press(t('shownOnce.done'));
    await screen.choose(t('clients.kind'), t('clients.proves.signs.label'));
    await screen.field(t('clients.jwks')).waitFor();
    await lookAt('operator-clients', screen);

    const de = wordsOf('de');
    const german = await stage.openAsOperator('/operator/portals/acme', { locale: 'de-DE' }, de);
    await german.see('Audit archive');
    await lookAt('operator-portal-german', german);
    await german.go('/operator/portals/acme/clients');
    await german.see('Intranet');
    await lookAt('operator-clients-german', german);
  });

  it('in another language', async () => {
    const screen = await stage.open({ locale: 'de-DE' });
    await screen.go('/login?portal=acme');
    await screen.page.getByLabel(wordsOf('de')('login.password'), { exact: true }).waitFor();
    expect(await screen.page.locator('html').getAttribute('lang')).toBe('de');
    await lookAt('login-german', screen);
  });

  it('a portal with a face of its own', async () => {
    const own = await Portal.make(stage.stack, { id: 'initech', admin: 'peter', maxFailedAttempts: 1 });
    const face = {
      displayName: 'Initech – Rechenzentrum Österreich und Liechtenstein',
      language: 'de',
      supportContact: 'helpdesk@initech.example',
    };
    (await own.api.changeProfile('initech', face)).success();
    const person = await own.enrolled();
    const de = wordsOf('de');
    const screen = await (await stage.open()).go('/login?portal=initech');
    await screen.seeHeading(de('login.title'));
    await lookAt('login-own-face', screen);
    await screen.type(de('login.username'), person.credentials.username);
    await screen.type(de('login.password'), person.credentials.password);
    await screen.press(de('login.action'));
    await screen.type(de('code.app'), person.phone.wrongCode());
    await screen.see(face.supportContact);
    await lookAt('login-locked-own-face', screen);
    await screen.press(de('locked.back'));
    await screen.type(de('login.username'), own.admin.credentials.username);
    await screen.type(de('login.password'), own.admin.credentials.password);
    await screen.press(de('login.action'));
    await screen.page.locator('header').getByRole('button').waitFor();
    await screen.go('/p/initech/settings/security');
    await screen.field(de('settings.profile.displayName.label')).waitFor();
    await lookAt('settings-own-face', screen);
  });

  it('an address of another portal', async () => {
    const screen = await (await stage.open()).logIn(portal.admin);
    await screen.go('/p/globex/profile');
    await screen.seeHeading(t('otherPortal.title'));
    await lookAt('other-portal', screen);
  });

  it('an address where nothing is', async () => {
    const screen = await (await stage.open()).go('/nothing-here');
    await screen.seeHeading(t('notFound.title'));
    await lookAt('not-found', screen);
  });
});
