import { randomUUID } from 'node:crypto';
import type { Screen } from '#test/browser/support/person-at-a-browser.js';
import { useStage } from '#test/browser/support/stage.js';
import { t } from '#test/browser/support/words.js';
import type { Person } from '#test/support/people/portal.js';
import { INSTALL_MS } from '#test/support/servers/installed-by.js';
import { usePortal } from '#test/support/use-stack.js';
import { Keycloak } from '../import/keycloak.js';

describe('people of a portal whose identity provider is Keycloak', () => {
  const stage = useStage();
  const portal = usePortal(stage.stack);
  const user = { id: randomUUID(), username: 'ada', password: 'ada likes long passwords' };
  let keycloak: Keycloak;
  let issuer: string;
  let person: Person;
  beforeAll(async () => {
    keycloak = await Keycloak.start();
    issuer = keycloak.issuer('acme');
    const clientSecret = randomUUID();
    const { id, username, password: value } = user;
    await keycloak.createRealm({
      realm: 'acme',
      users: [
        {
          ...{ id, username, enabled: true, emailVerified: true, email: 'ada@acme.example' },
          ...{ firstName: 'Ada', lastName: 'L', credentials: [{ type: 'password', value }] },
        },
      ],
      clients: [
        {
          ...{ clientId: 'twinlock', secret: clientSecret, standardFlowEnabled: true, publicClient: false },
          redirectUris: [`${stage.stack.origin}/console/sso/callback/${portal.id}`],
          attributes: { 'pkce.code.challenge.method': 'S256' },
        },
      ],
    });
    const jwksUri = `${issuer}/protocol/openid-connect/certs`;
    const settings = { issuer, audience: 'twinlock', jwksUri, clientId: 'twinlock', clientSecret };
    (await portal.api.changeSso(portal.id, settings)).success();
    person = await portal.register();
    (await portal.api.changeAccount(portal.id, person.id, { ssoSubject: id })).success();
  }, INSTALL_MS);
  afterAll(() => keycloak?.remove());

  async function logInThere({ page }: Screen, password: string): Promise<void> {
    await page.locator('#username').fill(user.username);
    await page.locator('#password').fill(password);
    await page.locator('[type=submit]').click();
  }

  it('R19 log in there, and are in here', async () => {
    const screen = await stage.open();
    await screen.go(`/login?portal=${portal.id}`);
    await screen.press(t('login.by', { provider: new URL(issuer).host }));
    await logInThere(screen, 'not the password');
    await screen.page.locator('#password').waitFor();
    await logInThere(screen, user.password);
    await screen.seeHeading(t('profile.title'));
    await screen.see(person.credentials.username);
    const { sessions } = (await portal.api.sessionsOf(portal.id, person.id)).success();
    expect(sessions).toMatchObject([{ method: 'sso' }]);
  });
});
