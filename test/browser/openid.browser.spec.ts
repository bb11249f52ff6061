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
  it('R35 logs people in by password and code, and learns who they are and how', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    const { url, end } = await application.begin();
    await screen.page.goto(url);
    await screen.see('The Intranet');
    await screen.type(t('login.username'), person.credentials.username);
    await screen.type(t('login.password'), person.credentials.password);
    await screen.press(t('login.action'));
    await screen.seeHeading(t('login.codeTitle'));
    await screen.enterCode(person.phone.freshCode());
    await screen.seeHeading('Welcome');
    const { tokens, claims } = await end();
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
});
