import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { usePortal } from '#test/support/use-stack.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const ENDED = t('shell.sessionEnded');
const LOST = t('shell.connectionLost');

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
    await screen.seeHeading(t('login.title'));
    expect(await screen.field(t('login.portal')).inputValue()).toBe(portal.id);
    await screen.enterPassword(person);
    await screen.seeHeading(t('profile.title'));
    expect(screen.page.url()).toBe(`${stage.stack.origin}/console${path}`);
  });

  it('is led on where a screen begins, from addresses that people shorten', async () => {
    const screen = await (await stage.open()).logIn(portal.admin);
    for (const [path, end, heading] of [
      [`/p/${portal.id}`, 'profile', t('profile.title')],
      [`/p/${portal.id}/`, 'profile', t('profile.title')],
      [`/p/${portal.id}/settings`, 'settings/security', t('settings.security')],
      [`/p/${portal.id}/settings/`, 'settings/security', t('settings.security')],
    ] as const) {
      await screen.go(path);
      await screen.seeHeading(heading);
      expect(screen.page.url()).toBe(`${stage.stack.origin}/console/p/${portal.id}/${end}`);
    }
  });

  it('shows nothing under the name of another portal, and leads to its own or to the login of the other', async () => {
    const other = await Portal.make(stage.stack);
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    for (const path of ['profile', 'contributors', 'settings/security']) {
      await screen.go(`/p/${other.id}/${path}`);
      await screen.seeHeading(t('otherPortal.title'));
      expect(await screen.text()).not.toContain(person.credentials.username);
    }
    await screen.page.getByRole('link', { name: `Go to ${portal.id}` }).click();
    await screen.see(person.credentials.username);
    await screen.go(`/p/${other.id}/settings/security`);
    await screen.page.getByRole('link', { name: `Log in to ${other.id}` }).click();
    await screen.enterPassword(other.admin);
    await screen.seeHeading(t('settings.security'));
    expect(new URL(screen.page.url()).pathname).toBe(`/console/p/${other.id}/settings/security`);
  });

  it('of another person, begun in another window, takes all that the first one saw from this one', async () => {
    const [first, second] = [await portal.register(), await portal.register()];
    const screen = await (await stage.open()).logIn(first);
    await screen.press(t('twoFactor.setUp'));
    await screen.page.getByTestId('manual-key').waitFor();
    const key = await screen.page.getByTestId('manual-key').innerText();
    const window = await screen.context.newPage();
    await window.goto(`/console/login?portal=${portal.id}`);
    await window.getByLabel(t('login.username'), { exact: true }).fill(second.credentials.username);
    await window.getByLabel(t('login.password'), { exact: true }).fill(second.credentials.password);
    await window.getByRole('button', { name: t('login.action'), exact: true }).click();
    await window.getByRole('heading', { name: t('profile.title') }).waitFor();
    await screen.see(second.credentials.username);
    expect(await screen.text()).not.toContain(key);
    expect(await screen.text()).not.toContain(first.credentials.username);
  });

  it('R23 ends with a lock: the page says so, leads to login, and after R25 *Enable user* back to where one was', async () => {
    const person = await portal.enrolled();
    const screen = await (await stage.open()).logIn(person);
    await person.lock();
    await screen.page.reload();
    await screen.seeHeading(t('login.title'));
    (await portal.api.unlock(portal.id, person.id)).success();
    await screen.logIn(
      person,
      new URL(screen.page.url()).pathname.replace('/console', '') + new URL(screen.page.url()).search,
    );
    await screen.seeHeading(t('profile.title'));
    expect(new URL(screen.page.url()).pathname).toBe(`/console/p/${portal.id}/profile`);
  });

  it('that ends while its page is open is told at the next thing that the person does', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.button(t('twoFactor.setUp')).waitFor();
    stage.stack.clock.advance(12 * 3600 + 1);
    await portal.admin.signIn();
    await screen.press(t('twoFactor.setUp'));
    await screen.see(ENDED);
    await screen.enterPassword(person);
    await screen.seeHeading(t('profile.title'));
  });

  it('ends at logout, for the way back too', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.logOut();
    expect(await screen.context.cookies()).toEqual([]);
    await screen.page.goBack();
    await screen.page.waitForLoadState();
    await screen.seeHeading(t('login.title'));
    expect(await screen.text()).not.toContain(person.credentials.username);
  });

  it('R30 leaves no key or backup code behind on the way back', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.press(t('twoFactor.setUp'));
    const key = await screen.page.getByTestId('manual-key').innerText();
    await screen.go('/nothing-here');
    await screen.seeHeading(t('notFound.title'));
    await screen.page.goBack();
    await screen.see(t('twoFactor.keyNotShown'));
    expect(await screen.page.content()).not.toContain(key);
  });
});

describe('a lost connection', () => {
  it('shows, says that nothing was changed, and heals by itself', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.button(t('twoFactor.setUp')).waitFor();
    await stage.stack.kill();
    try {
      await screen.press(t('twoFactor.setUp'));
      await screen.see(t('problem.connection'));
      await screen.see(LOST);
    } finally {
      await stage.stack.start();
    }
    await screen.gone(LOST);
    await screen.press(t('twoFactor.setUp'));
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
    await screen.field(t('login.username')).waitFor();
    await tabTo('username');
    await keyboard.type(person.credentials.username);
    await tabTo('password');
    await keyboard.type(person.credentials.password);
    await keyboard.press('Enter');
    await screen.seeHeading(t('profile.title'));
    await tabTo(t('twoFactor.setUp'));
    await keyboard.press('Enter');
    await screen.page.getByTestId('manual-key').waitFor();
    await tabTo('code');
    await keyboard.type('12345');
    await keyboard.press('Enter');
    await screen.see(t('code.malformedNew'));
    await tabTo(new RegExp(person.credentials.username));
    await keyboard.press('Enter');
    await screen.page.getByRole('menuitem', { name: t('shell.logOut') }).waitFor();
    await keyboard.press('End');
    await keyboard.press('Enter');
    await screen.seeHeading(t('login.title'));
  });
});
