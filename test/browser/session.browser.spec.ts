import { Portal } from '#test/support/portal.js';
import { until } from '#test/support/until.js';
import { useStage } from './support/stage.js';

const stage = useStage();
let portal: Portal;
beforeAll(async () => {
  portal = await Portal.make(stage.stack);
});

const ENDED = 'Your session has ended. Log in again; you will come back to where you were.';
const LOST = 'The connection is lost.';

describe('a session in a browser', () => {
  it('stands in a cookie that no script sees, and survives a reload', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    const cookies = await screen.context.cookies();
    expect(cookies).toMatchObject([{ name: 'twinlock-session', httpOnly: true, sameSite: 'Strict', path: '/' }]);
    expect(await screen.page.evaluate('document.cookie')).toBe('');
    await screen.page.reload();
    await screen.see(person.credentials.username);
  });

  it('leads from a deep link to login, and there after it', async () => {
    const person = await portal.register();
    const screen = await stage.open();
    const path = `/p/${portal.id}/profile?from=mail`;
    await screen.go(path);
    await screen.seeHeading('Log in');
    expect(await screen.field('Portal').inputValue()).toBe(portal.id);
    await screen.enterPassword(person);
    await screen.seeHeading('My profile');
    expect(screen.page.url()).toBe(`${stage.stack.origin}/console${path}`);
  });

  it('R23 ends with a lock: the page says so, leads to login, and after R25 *Enable user* back to where one was', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    await person.lock();
    await screen.page.reload();
    await screen.seeHeading('Log in');
    (await portal.api.unlock(portal.id, person.id)).success();
    await screen.logIn(
      person,
      new URL(screen.page.url()).pathname.replace('/console', '') + new URL(screen.page.url()).search,
    );
    await screen.seeHeading('My profile');
    expect(new URL(screen.page.url()).pathname).toBe(`/console/p/${portal.id}/profile`);
  });

  it('that ends while its page is open is told at the next thing that the person does', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.button('Set up').waitFor();
    stage.stack.clock.advance(12 * 3600 + 1);
    await portal.admin.signIn();
    await screen.press('Set up');
    await screen.see(ENDED);
    await screen.enterPassword(person);
    await screen.seeHeading('My profile');
  });

  it('ends at logout, for the way back too', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.logOut();
    expect(await screen.context.cookies()).toEqual([]);
    await screen.page.goBack();
    await screen.page.waitForLoadState();
    await screen.seeHeading('Log in');
    expect(await screen.text()).not.toContain(person.credentials.username);
  });

  it('R30 leaves no key or backup code behind on the way back', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.press('Set up');
    const key = await screen.page.getByTestId('manual-key').innerText();
    await screen.go('/nothing-here');
    await screen.seeHeading('Page not found');
    await screen.page.goBack();
    await screen.see('The key is shown only once');
    expect(await screen.page.content()).not.toContain(key);
  });
});

describe('a lost connection', () => {
  it('shows, says that nothing was changed, and heals by itself', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.button('Set up').waitFor();
    await stage.stack.kill();
    try {
      await screen.press('Set up');
      await screen.see('The server cannot be reached. Nothing was changed; try again when the connection is back.');
      await screen.see(LOST);
    } finally {
      await stage.stack.start();
    }
    await screen.gone(LOST);
    await screen.press('Set up');
    await screen.page.getByTestId('manual-key').waitFor();
  });

  it('is shown when the machine is off the net', async () => {
    const screen = await (await stage.open()).logIn(await portal.register());
    await screen.context.setOffline(true);
    await screen.see(LOST);
    await screen.context.setOffline(false);
    await screen.gone(LOST);
  });
});

describe('the keyboard alone', () => {
  it('is enough to log in, to set up and to log out', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).go(`/login?portal=${portal.id}`);
    const { keyboard } = screen.page;
    const focused = () =>
      screen.page.evaluate<string>(
        "(({ body, activeElement: at }) => (at === body ? '' : (at.getAttribute('name') ?? at.textContent)))(document)",
      );
    const tabTo = (name: string | RegExp) =>
      until(
        `${String(name)} has the focus`,
        async () => {
          const at = await focused();
          if (typeof name === 'string' ? at === name : name.test(at)) return true;
          await keyboard.press('Tab');
          return false;
        },
        20_000,
      );
    await screen.field('Username').waitFor();
    await tabTo('username');
    await keyboard.type(person.credentials.username);
    await tabTo('password');
    await keyboard.type(person.credentials.password);
    await keyboard.press('Enter');
    await screen.seeHeading('My profile');
    await tabTo('Set up');
    await keyboard.press('Enter');
    await screen.page.getByTestId('manual-key').waitFor();
    await tabTo('code');
    await keyboard.type('12345');
    await keyboard.press('Enter');
    await screen.see('Enter the six digits of the code.');
    await tabTo(new RegExp(person.credentials.username));
    await keyboard.press('Enter');
    await screen.page.getByRole('menuitem', { name: 'Log out' }).waitFor();
    await keyboard.press('End');
    await keyboard.press('Enter');
    await screen.seeHeading('Log in');
  });
});
