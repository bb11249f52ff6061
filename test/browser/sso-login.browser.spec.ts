import { Application } from '#test/support/people/application.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import { lookAt } from './support/picture.js';
import { focusIsOn } from './support/focus.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t, wordsOf } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);
/** Whose OpenID Provider people of the portal log in by. */
let elsewhere: Portal;
let there: Person;
let here: Person;
const callback = (of = portal) => `${stage.stack.origin}/console/sso/callback/${of.id}`;

/** Another site than the console's: what it sends a browser to comes without that one's strict cookies. */
const providerOrigin = () => stage.stack.origin.replace('127.0.0.1', 'localhost');

/** The portal trusts another one's provider, as it would any. */
async function trust(at: Portal): Promise<void> {
  const redirectUris = [callback(at)];
  const registered = await stage.stack.operator.registerClient(elsewhere.id, { name: 'Our portal', redirectUris });
  const { clientId, clientSecret } = registered.success();
  const issuer = `${providerOrigin()}/p/${elsewhere.id}`;
  const settings = { issuer, audience: clientId, jwksUri: `${issuer}/jwks`, clientId, clientSecret: clientSecret! };
  (await at.api.changeSso(at.id, settings)).success();
}
beforeAll(async () => {
  elsewhere = await Portal.make(stage.stack);
  there = await elsewhere.enrolled();
  here = await portal.register();
  await trust(portal);
  (await portal.api.changeAccount(portal.id, here.id, { ssoSubject: there.id })).success();
});

const by = (words = t) => words('login.by', { provider: new URL(providerOrigin()).host });
/** At the page of the other portal, which an application has sent them to. */
async function logInThere(screen: Screen, person = there): Promise<void> {
  await screen.see(t('authorize.for', { application: 'Our portal' }));
  await screen.type(t('login.username'), person.credentials.username);
  await screen.type(t('login.password'), person.credentials.password);
  await screen.press(t('login.action'));
  await screen.seeHeading(t('login.codeTitle'));
  await screen.enterCode(person.phone.freshCode());
}
const sessionsOf = async (person: Person) =>
  (await portal.api.sessionsOf(portal.id, person.id)).success().sessions.map(({ method }) => method);

describe("a login by the portal's provider", () => {
  it('R19 begins with a button, is proved at the provider, and leads back to where one was', async () => {
    const screen = await stage.open();
    const next = `/p/${portal.id}/profile?from=here`;
    await screen.go(`/login?${new URLSearchParams({ portal: portal.id, next }).toString()}`);
    await screen.see(by());
    await lookAt('sso-login', screen);
    await screen.button(by()).focus();
    await screen.page.keyboard.press('Enter');
    await logInThere(screen);
    await screen.seeHeading(t('profile.title'));
    expect(screen.page.url()).toBe(`${stage.stack.origin}/console${next}`);
    await screen.see(here.credentials.username);
    expect(await sessionsOf(here)).toEqual(['sso']);
    const [path] = screen.urls.filter((url) => url.startsWith(callback()));
    expect(new URL(path!).searchParams.get('iss')).toBe(`${providerOrigin()}/p/${elsewhere.id}`);
    // the code is in no history
    await screen.page.goBack();
    expect(screen.page.url()).not.toContain('code=');
  });

  it('R35 goes on to the application that has asked for it', async () => {
    const application = await Application.open(portal, stage.stack.origin);
    try {
      const screen = await stage.open();
      const { url, end } = await application.begin();
      await screen.page.goto(url);
      await screen.see('The Intranet');
      await screen.press(by());
      await logInThere(screen);
      await screen.seeHeading('Welcome');
      expect((await end()).claims).toMatchObject({ sub: here.id, acr: 'urn:twinlock:acr:1fa', amr: [] });
    } finally {
      await application.close();
    }
  });

  it('of somebody who has no account here says so in no other words than a wrong one, and leads back', async () => {
    const stranger = await elsewhere.enrolled();
    const screen = await stage.open();
    await screen.go(`/login?portal=${portal.id}`);
    await screen.press(by());
    await logInThere(screen, stranger);
    await screen.seeHeading(t('login.sso.failed'));
    await screen.see(t('problem.sso.invalid-credentials'));
    await lookAt('sso-login-refused', screen);
    await screen.press(t('locked.back'));
    await screen.seeHeading(t('login.title'));
    expect(await screen.field(t('login.portal')).inputValue()).toBe(portal.id);
  });

  it('that one does not go through with leads back, and repeats nothing that stands in the address', async () => {
    const screen = await stage.open();
    await screen.go(`/login?portal=${portal.id}`);
    await screen.press(by());
    await screen.press(t('authorize.cancel', { application: 'Our portal' }));
    await screen.seeHeading(t('login.sso.failed'));
    await screen.see(t('login.sso.refused'));
    expect(screen.page.url()).toBe(callback());
    await screen.page.goto(`${callback()}?error=x&error_description=Call%20this%20number`);
    await screen.see(t('login.sso.refused'));
    expect(await screen.text()).not.toContain('Call');
  });

  it('is over when another window has begun another one, or nobody has begun one', async () => {
    const screen = await stage.open();
    await screen.page.goto(`${callback()}?code=planted&state=planted`);
    await screen.see(t('problem.sso.challenge-ended'));
    expect((await screen.context.cookies()).filter(({ name }) => name === 'twinlock-session')).toEqual([]);
  });

  it('goes on where another site leads the browser to a callback in the meantime', async () => {
    const screen = await stage.open();
    await screen.go(`/login?portal=${portal.id}`);
    await screen.press(by());
    await screen.see(t('authorize.for', { application: 'Our portal' }));
    const foreign = await screen.context.newPage();
    for (const at of [portal, elsewhere]) {
      await foreign.goto(`${callback(at)}?code=planted&state=planted`);
      await foreign.getByText(t('problem.sso.challenge-ended')).waitFor();
    }
    await foreign.close();
    await logInThere(screen);
    await screen.seeHeading(t('profile.title'));
  });

  it('is of the portal that the address names, and leads to where one was once', async () => {
    const screen = await stage.open();
    const next = `/p/${portal.id}/profile?from=here`;
    const leadsBackTo = async (of: Portal, expected: string | null) => {
      await screen.page.goto(`${callback(of)}?error=access_denied`);
      await screen.press(t('locked.back'));
      await screen.seeHeading(t('login.title'));
      const { searchParams } = new URL(screen.page.url());
      expect([searchParams.get('portal'), searchParams.get('next')]).toEqual([of.id, expected]);
    };
    const begin = async () => {
      await screen.go(`/login?${new URLSearchParams({ portal: portal.id, next }).toString()}`);
      await screen.press(by());
      await screen.see(t('authorize.for', { application: 'Our portal' }));
    };
    await begin();
    await leadsBackTo(portal, next);
    await leadsBackTo(portal, null);
    await begin();
    await leadsBackTo(elsewhere, null);
  });

  it('R23 R41 of a locked or suspended account is told as such', async () => {
    const other = await elsewhere.enrolled();
    const locked = await portal.enrolled();
    (await portal.api.changeAccount(portal.id, locked.id, { ssoSubject: other.id })).success();
    await locked.lock();
    const screen = await stage.open();
    await screen.go(`/login?portal=${portal.id}`);
    await screen.press(by());
    await logInThere(screen, other);
    await screen.seeHeading(t('locked.title'));
    await screen.press(t('locked.back'));
    await screen.seeHeading(t('login.title'));
  });

  it('is offered in German, and on a phone', async () => {
    const own = await Portal.make(stage.stack);
    await trust(own);
    (await own.api.changeProfile(own.id, { language: 'de' })).success();
    const screen = await stage.open();
    await screen.go(`/login?portal=${own.id}`);
    await screen.see(by(wordsOf('de')));
    await lookAt('sso-login-german', screen);
  });

  it('is not offered where the portal has no provider to send people to', async () => {
    const screen = await stage.open();
    await screen.go(`/login?portal=${elsewhere.id}`);
    await screen.see(t('login.action'));
    await screen.page.waitForLoadState('networkidle');
    expect(await screen.page.getByText(t('login.or')).count()).toBe(0);
  });
});

describe('an administrator', () => {
  const settingsOf = async (at: Portal) =>
    (await stage.open()).logIn(at.admin, `/login?next=${encodeURIComponent(`/p/${at.id}/settings/security`)}`);
  const label = (name: 'issuer' | 'audience' | 'jwksUri' | 'clientId' | 'clientSecret') =>
    t(`settings.sso.${name}.label`);

  const confirm = (screen: Screen, name: string) =>
    screen.page.getByRole('alertdialog').getByRole('button', { name }).click();

  it('R04, R14 sets the client and its secret, which nobody sees again, and removes the provider', async () => {
    const own = await Portal.make(stage.stack);
    const screen = await settingsOf(own);
    await screen.type(label('issuer'), 'https://idp.example');
    await screen.type(label('audience'), 'twinlock');
    await screen.type(label('jwksUri'), 'https://idp.example/jwks');
    await screen.type(label('clientId'), 'our-client');
    await screen.type(label('clientSecret'), 'our-secret');
    await screen.press(t('settings.sso.save'));
    await screen.see(t('settings.saved'));
    await screen.see(t('settings.sso.clientSecret.kept'));
    expect(await screen.field(label('clientSecret')).inputValue()).toBe('');
    expect((await own.api.sso(own.id)).success()).toMatchObject({ clientId: 'our-client', hasClientSecret: true });
    await screen.press(t('settings.sso.copy'));
    expect(await screen.page.evaluate<string>('navigator.clipboard.readText()')).toBe(callback(own));
    // another client would not get it
    await screen.type(label('clientId'), 'another');
    await screen.see(t('settings.sso.clientSecret.hint'));
    await screen.press(t('action.undo'));
    await lookAt('sso-settings', screen);

    await screen.press(t('settings.sso.noSecret.action'));
    await screen.see(t('settings.sso.noSecret.ask'));
    await lookAt('sso-remove-secret', screen);
    await confirm(screen, t('settings.sso.noSecret.action'));
    await screen.see(t('settings.sso.noSecret.done'));
    await screen.gone(t('settings.sso.noSecret.action'));
    expect((await own.api.sso(own.id)).success()).toMatchObject({ clientId: 'our-client', hasClientSecret: false });

    stage.stack.clock.advance(601);
    await screen.press(t('settings.sso.off.action'));
    await screen.see(t('settings.sso.off.ask'));
    await confirm(screen, t('settings.sso.off.action'));
    await screen.prove(own.admin);
    await screen.see(t('settings.sso.off.done'));
    await screen.see(t('settings.sso.none'));
    expect((await own.api.sso(own.id)).success()).toMatchObject({ issuer: null, hasClientSecret: false });
  });

  it('is told beside the field that an issuer with a client must be an address', async () => {
    const own = await Portal.make(stage.stack);
    const screen = await settingsOf(own);
    for (const name of ['issuer', 'audience', 'clientId'] as const) await screen.type(label(name), 'idp');
    await screen.type(label('jwksUri'), 'https://idp.example/jwks');
    await screen.press(t('settings.sso.save'));
    await screen.see(t('malformed.sso.issuer'));
    await focusIsOn(screen, 'issuer');
  });

  it('R04 connects an account to the provider', async () => {
    const own = await Portal.make(stage.stack);
    const [one, other] = [await own.register(), await own.register()];
    await trust(own);
    (await own.api.changeAccount(own.id, other.id, { ssoSubject: 'taken' })).success();
    const screen = await stage.open();
    await screen.logIn(own.admin, `/login?next=${encodeURIComponent(`/p/${own.id}/contributors/${one.id}`)}`);
    await screen.type(t('account.ssoSubject'), 'taken');
    await screen.press(t('action.save'));
    await screen.see(t('problem.sso-subject-taken'));
    await screen.type(t('account.ssoSubject'), 'subject-1');
    await screen.press(t('action.save'));
    await screen.see(t('contributors.saved', { username: one.credentials.username }));
    expect((await own.api.account(own.id, one.id)).success().ssoSubject).toBe('subject-1');
    await screen.page.reload();
    await screen.orTell(screen.field(t('account.ssoSubject')).waitFor());
    expect(await screen.field(t('account.ssoSubject')).inputValue()).toBe('subject-1');
    await screen.type(t('account.ssoSubject'), '');
    await screen.press(t('action.save'));
    await screen.see(t('contributors.saved', { username: one.credentials.username }));
    expect((await own.api.account(own.id, one.id)).success().ssoSubject).toBeUndefined();
  });
});
