import type { APIResponse } from 'playwright-core';
import type { Screen } from '#test/browser/support/person-at-a-browser.js';
import { useStage } from '#test/browser/support/stage.js';
import { t } from '#test/browser/support/words.js';
import { INSTALL_MS } from '#test/support/servers/installed-by.js';
import { until } from '#test/support/until.js';
import { usePortal } from '#test/support/use-stack.js';
import { BehindProxy, missingProxy } from './behind-proxy.js';

/** `cookie_refresh`, and what a machine at work adds. */
const REFRESHED_MS = 60_000;

const missing = missingProxy();

(missing === undefined ? describe : describe.skip)(missing ?? 'behind nginx and oauth2-proxy', () => {
  const stage = useStage();
  const portal = usePortal(stage.stack);
  let behind: BehindProxy;
  beforeAll(async () => {
    behind = new BehindProxy(stage.stack, portal.id);
    await behind.start();
  }, INSTALL_MS);
  afterAll(() => behind?.stop());

  /** As the browser asks for more of a page. */
  const ask = ({ context }: Screen, path: string, headers = {}): Promise<APIResponse> =>
    context.request.get(`${behind.origin}${path}`, { headers, maxRedirects: 0 });
  const leadsToPortal = (answer: APIResponse) => [
    answer.status(),
    answer.headers().location?.startsWith(`${stage.stack.origin}/p/${portal.id}/auth?`),
  ];

  it('nobody is let through who is not logged in', async () => {
    const screen = await stage.open();
    const answer = await ask(screen, '/first?page=1&of=2');
    expect(leadsToPortal(answer)).toEqual([302, true]);
    await screen.page.goto(behind.origin);
    await screen.seeHeading(t('login.title'));
    expect(behind.asked).toEqual([]);
  });

  it('a person is let through with password and code, and the application sees who it is', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.page.goto(`${behind.origin}/reports?page=1&of=2`);
    await screen.logInForApplication(person);
    await screen.seeHeading('Welcome');
    expect(screen.page.url()).toBe(`${behind.origin}/reports?page=1&of=2`);
    const seen = { account: person.id, username: person.credentials.username };
    expect(behind.asked).toContainEqual({ path: '/reports?page=1&of=2', ...seen });
    await ask(screen, '/as-another', { 'x-account': 'another', 'x-username': 'another' });
    expect(behind.asked.at(-1)).toEqual({ path: '/as-another', ...seen });
  });

  it('a person who has entered no code is not let through', async () => {
    const person = await portal.register();
    const screen = await stage.open();
    await screen.page.goto(behind.origin);
    await screen.enterPasswordForApplication(person);
    await screen.see('Forbidden');
    expect(leadsToPortal(await ask(screen, '/'))).toEqual([302, true]);
  });

  it('access goes on with the session, also for many requests at once, and ends with it', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.page.goto(behind.origin);
    await screen.logInForApplication(person);
    await screen.seeHeading('Welcome');
    const refreshed = async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => ask(screen, `/${index}`)));
      expect(answers.map((answer) => answer.status())).toEqual(Array(8).fill(200));
      return answers.some((answer) => answer.headers()['set-cookie'] !== undefined);
    };
    await until('new tokens were asked for', refreshed, REFRESHED_MS);
    expect(await refreshed()).toBe(false);
    (await portal.api.endSessionsOf(portal.id, person.id)).success();
    const answer = await until(
      'access has ended',
      async () => {
        const one = await ask(screen, '/late');
        return one.status() !== 200 && one;
      },
      REFRESHED_MS,
    );
    expect(leadsToPortal(answer)).toEqual([302, true]);
    await screen.page.goto(behind.origin);
    await screen.seeHeading(t('login.title'));
  });

  it('a logout is one of the portal too', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.page.goto(behind.origin);
    await screen.logInForApplication(person);
    await screen.seeHeading('Welcome');
    await screen.page.goto(`${behind.origin}/logout`);
    await screen.seeHeading('Log out?');
    expect(leadsToPortal(await ask(screen, '/'))).toEqual([302, true]);
    await screen.press('Log out');
    await screen.seeHeading(t('login.title'));
  });
});
