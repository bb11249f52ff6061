import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import type { Screen } from '#test/browser/support/person-at-a-browser.js';
import { useStage } from '#test/browser/support/stage.js';
import { t } from '#test/browser/support/words.js';
import { INSTALL_MS, installedByPip } from '#test/support/servers/installed-by.js';
import { type LocalProcess, startProcess } from '#test/support/servers/local-process.js';
import { until } from '#test/support/until.js';
import { usePortal } from '#test/support/use-stack.js';
import { listens } from '../support/nginx.js';

const packages = ['authlib==1.9.6', 'flask==3.1.3', 'requests==2.34.2'];
const program = join(import.meta.dirname, 'application.py');

describe('an application by Authlib', () => {
  const stage = useStage();
  const portal = usePortal(stage.stack);
  let application: LocalProcess;
  let origin: string;
  beforeAll(async () => {
    const venv = await installedByPip(packages.join('-').replaceAll('==', '-'), packages);
    const port = await freePort();
    // a host of its own, for cookies of its own
    origin = `http://localhost:${port}`;
    const client = {
      name: 'Authlib',
      redirectUris: [`${origin}/callback`],
      postLogoutRedirectUris: [`${origin}/bye`],
    };
    const { clientId, clientSecret } = (await stage.stack.operator.registerClient(portal.id, client)).success();
    const env = {
      ISSUER: `${stage.stack.origin}/p/${portal.id}`,
      CLIENT_ID: clientId,
      CLIENT_SECRET: clientSecret!,
      PORT: `${port}`,
    };
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    application = await startProcess('the application', {
      program: 'env',
      args: [...settings, join(venv, 'bin/python'), program],
      folder: mkdtempSync(join(tmpdir(), 'authlib-')),
      serves: () => until('it listens', () => listens(port)).then(() => undefined),
    });
  }, INSTALL_MS);
  afterAll(() => application?.remove());

  const shown = async ({ page }: Screen) =>
    JSON.parse(await page.locator('body').innerText()) as Record<'claims' | 'userinfo', object>;
  const refresh = ({ context }: Screen) => context.request.post(`${origin}/refresh`);

  it('logs people in, knows them, keeps its tokens new, and logs them out', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.page.goto(origin);
    expect(screen.urls.find((url) => url.includes('/auth?'))).toContain('code_challenge_method=S256');
    await screen.logInForApplication(person);
    await screen.page.waitForURL(`${origin}/`);
    expect(await shown(screen)).toMatchObject({
      claims: { sub: person.id, acr: 'urn:twinlock:acr:2fa', amr: ['pwd', 'otp', 'mfa'] },
      userinfo: { sub: person.id, preferred_username: person.credentials.username },
    });
    const { renewed } = (await (await refresh(screen)).json()) as { renewed: string[] };
    expect(renewed).toEqual(expect.arrayContaining(['access_token', 'id_token', 'refresh_token']));
    await screen.page.reload();
    expect(await shown(screen)).toMatchObject({ userinfo: { sub: person.id } });

    await screen.page.goto(`${origin}/logout`);
    await screen.press('Log out');
    await screen.seeHeading('Bye');
    await screen.page.goto(origin);
    await screen.seeHeading(t('login.title'));
  });

  it('gets no new tokens after the session has ended', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.page.goto(origin);
    await screen.logInForApplication(person);
    await screen.page.waitForURL(`${origin}/`);
    (await portal.api.endSessionsOf(portal.id, person.id)).success();
    const refused = await until('no new tokens', async () => {
      const answer = await refresh(screen);
      return !answer.ok() && answer;
    });
    expect([refused.status(), await refused.text()]).toEqual([401, 'invalid_grant']);
  });

  it('finds by the ID token that somebody has entered no code', async () => {
    const person = await portal.register();
    const screen = await stage.open();
    await screen.page.goto(origin);
    await screen.enterPasswordForApplication(person);
    await screen.see('acr');
    expect(new URL(screen.page.url()).pathname).toBe('/callback');
  });
});
