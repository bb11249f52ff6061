import * as client from 'openid-client';
import { Application } from '#test/support/people/application.js';
import { usePortal } from '#test/support/use-stack.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack, { rememberDays: 30 });
let application: Application;
beforeAll(async () => {
  application = await Application.open(portal, stage.stack.origin);
});
afterAll(() => application?.close());

const ACR = { oneFactor: 'urn:twinlock:acr:1fa', twoFactors: 'urn:twinlock:acr:2fa' };

describe('an application', () => {
  it('R35 has the page speak its language to who has chosen none, and lets people go back', async () => {
    const screen = await stage.open();
    const { url } = await application.begin({ ui_locales: 'fr de' });
    await screen.page.goto(url);
    await screen.see('Melden Sie sich an, um zu The Intranet zu gelangen.');
    await screen.press('Zurück zu The Intranet');
    await screen.seeHeading('Welcome');
    expect(new URL(screen.page.url()).searchParams.get('error')).toBe('access_denied');
    await application.nextReturn();
  });

  it('R35 gets people who are logged in at the console without asking them', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    const { url, end } = await application.begin();
    await screen.page.goto(url);
    await screen.seeHeading('Welcome');
    expect((await end()).claims).toMatchObject({ sub: person.id, acr: ACR.twoFactors });
  });

  it('R35 R39 gets both factors where it asks for them, also from a remembered browser', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.go('/login');
    await screen.enterPassword(person);
    await screen.page.getByRole('checkbox').focus();
    await screen.page.keyboard.press('Space');
    await screen.enterCode(person.phone.freshCode());
    await screen.seeHeading(t('profile.title'));
    await screen.logOut();
    const { url, end } = await application.begin({ acr_values: ACR.twoFactors });
    await screen.page.goto(url);
    await screen.enterPasswordForApplication(person);
    await screen.seeHeading(t('proof.title'));
    await screen.type(t('login.password'), person.credentials.password);
    await screen.enterCode(person.phone.freshCode());
    await screen.seeHeading('Welcome');
    expect((await end()).claims).toMatchObject({ acr: ACR.twoFactors });
  });

  it('R35 is not logged in to by a page that another browser was sent to', async () => {
    const screen = await stage.open();
    await screen.go(`/authorize/${portal.id}/made-up`);
    await screen.seeHeading(t('authorize.over'));
  });

  it('R35 logs people in by password and code, and learns who they are and how', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    const { url, end } = await application.begin();
    await screen.page.goto(url);
    await screen.see('The Intranet');
    await screen.logInForApplication(person);
    await screen.seeHeading('Welcome');
    const { tokens, claims } = await end();
    // ends with the browser
    const [cookie] = (await screen.context.cookies()).filter(({ name }) => name === 'twinlock-op-session');
    expect(cookie).toMatchObject({ expires: -1, httpOnly: true, path: `/p/${portal.id}` });
    expect(claims).toMatchObject({ sub: person.id, acr: ACR.twoFactors, amr: ['pwd', 'otp', 'mfa'] });
    expect(await client.fetchUserInfo(application.config, tokens.access_token, claims.sub)).toMatchObject({
      sub: person.id,
      preferred_username: person.credentials.username,
    });
    expect(await client.tokenIntrospection(application.config, tokens.access_token)).toMatchObject({ active: true });
    const next = await client.refreshTokenGrant(application.config, tokens.refresh_token!);
    expect(next.refresh_token).not.toBe(tokens.refresh_token);
    await expect(client.refreshTokenGrant(application.config, tokens.refresh_token!)).rejects.toThrow();
  });

  it('R35 logs people out of the portal too, once they have confirmed it', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    const { url, end } = await application.begin();
    await screen.page.goto(url);
    await screen.logInForApplication(person);
    await screen.seeHeading('Welcome');
    const { tokens } = await end();
    const leaving = client.buildEndSessionUrl(application.config, {
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: `${application.origin}/bye`,
    });
    await screen.page.goto(leaving.href);
    await screen.press('Log out');
    await screen.seeHeading('Welcome');
    expect(new URL(screen.page.url()).pathname).toBe('/bye');
    await screen.go(`/p/${portal.id}/profile`);
    await screen.seeHeading(t('login.title'));
  });
});
