import { shownLink } from '#test/support/calls/shown-link.js';
import { usePortal } from '#test/support/use-stack.js';
import { focusIsOn, press } from '../support/focus.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { useStage } from '../support/stage.js';
import { t } from '../support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const linkFor = async (id: string) =>
  shownLink((await stage.stack.operator.issuePasswordLink(portal.id, id)).success());
/** Where a link leads, in a window of its own. */
const follow = async (url: string): Promise<Screen> => {
  const { pathname, hash } = new URL(url, stage.stack.origin);
  return (await stage.open()).go(pathname.replace('/console', '') + hash);
};
/** The operator, who looks for an account. */
const asOperator = async (username: string): Promise<Screen> => {
  const screen = await stage.openAsOperator(`/operator/portals/${portal.id}/accounts`);
  await screen.type(t('contributors.search'), username);
  return screen;
};
const setPassword = async (screen: Screen, password: string, again = password) => {
  await screen.type(t('password.new'), password);
  await screen.type(t('password.again'), again);
  await screen.press(t('setPassword.action'));
};

describe('a password link', () => {
  it('R43 is made by the operator, shown once, and gives a person without a password one', async () => {
    const username = 'without-a-password';
    const tool = await portal.service('accounts');
    const { id } = (await tool.register(portal.id, { username, externalId: 'u-1042', type: 'contributor' })).success();
    const operator = await asOperator(username);
    const row = operator.page.getByRole('listitem').filter({ hasText: username });
    await row.getByText(t('account.noPassword')).waitFor();
    await row.getByText('u-1042').waitFor();
    const create = row.getByRole('button');
    await press(operator, create);
    await operator.see(t('passwordLink.what'));
    await press(operator, operator.page.getByRole('dialog').getByRole('button', { name: t('passwordLink.create') }));
    const shown = operator.page.getByTestId('shown-once');
    await operator.orTell(shown.waitFor());
    await focusIsOn(operator, t('shownOnce.copy'));
    const url = await shown.innerText();
    expect(url).toMatch(new RegExp(`^${stage.stack.origin}/console/password#pwl_`));
    await operator.page.keyboard.press('Enter');
    await operator.see(t('shownOnce.copied'));
    expect(await operator.page.evaluate('navigator.clipboard.readText()')).toBe(url);
    // it does not go by itself, and does not come back
    await operator.page.keyboard.press('Escape');
    await shown.waitFor();
    await operator.press(t('shownOnce.done'));
    await shown.waitFor({ state: 'detached' });
    expect(await operator.page.content()).not.toContain(url);

    const screen = await follow(url);
    const password = 'the first password of mine';
    await setPassword(screen, 'short');
    await screen.see(t('malformed.password'));
    await setPassword(screen, password, 'another password');
    await screen.see(t('password.differs'));
    await setPassword(screen, password);
    await screen.seeHeading(t('login.title'));
    await screen.see(t('setPassword.done'));
    await screen.type(t('login.portal'), portal.id);
    await screen.type(t('login.username'), username);
    await screen.type(t('login.password'), password);
    await screen.press(t('login.action'));
    await screen.seeHeading(t('profile.title'));

    // in Activity it is told apart from a change by the person
    const events = (await portal.events('PasswordChanged', 1, { account: id })).length;
    expect(events).toBeGreaterThan(0);
    const admin = await stage.open();
    await admin.logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}/activity?account=${id}`)}`);
    await admin.see(t('event.password-link-issued'));
    await admin.see(t('activity.passwordSetByLink'));
  });

  it('R43 leaves its token in no address, no history and no request, also in a window that is there already', async () => {
    const person = await portal.register();
    const url = await linkFor(person.id);
    const token = url.slice(url.indexOf('#') + 1);
    const screen = await follow(url);
    await screen.field(t('password.new')).waitFor();
    expect(screen.page.url()).toBe(`${stage.stack.origin}/console/password`);
    await screen.go('/login');
    await screen.go('/password');
    await screen.see(t('setPassword.missing'));
    // only the fragment changes, so the browser loads nothing
    await screen.page.evaluate(`location.hash = ${JSON.stringify(token)}`);
    await screen.field(t('password.new')).waitFor();
    expect(screen.page.url()).toBe(`${stage.stack.origin}/console/password`);
    await screen.page.goBack();
    await screen.seeHeading(/./);
    expect([screen.page.url(), ...screen.urls].filter((each) => each.includes(token))).toEqual([]);
  });

  it('R43 is used once; a session of the account has ended, and its second factor stays', async () => {
    const person = await portal.enrolled();
    const url = await linkFor(person.id);
    const screen = await (await stage.open()).logIn(person);
    const [first, second] = [await follow(url), await follow(url)];
    await setPassword(first, 'a new password of mine');
    await first.see(t('setPassword.done'));
    await screen.page.reload();
    await screen.seeHeading(t('login.title'));
    await setPassword(second, 'another new password');
    await second.see(t('problem.setPassword.invalid-credentials'));
    await first.enterPassword(person, 'a new password of mine');
    await first.seeHeading(t('login.codeTitle'));
  });

  it('R43 sets nothing once the account was locked, and says to both what to do', async () => {
    const person = await portal.enrolled();
    const { username } = person.credentials;
    const screen = await follow(await linkFor(person.id));
    await person.lock();
    await setPassword(screen, 'a new password of mine');
    await screen.see(t('problem.setPassword.account-locked'));
    const operator = await asOperator(username);
    await operator.button(t('passwordLink.createFor', { username })).click();
    await operator.press(t('passwordLink.create'));
    await operator.see(t('problem.account-locked'));
    expect(await operator.page.getByTestId('shown-once').count()).toBe(0);
    (await portal.api.unlock(portal.id, person.id)).success();
    await screen.press(t('setPassword.action'));
    await screen.see(t('problem.setPassword.invalid-credentials'));
    await operator.press(t('passwordLink.create'));
    await operator.page.getByTestId('shown-once').waitFor();
  });

  it.each(['pwl_nothing', 'x'.repeat(2_000)])('R43 that is none is refused: %#', async (token) => {
    const screen = await follow(`/console/password#${token}`);
    await setPassword(screen, 'a new password of mine');
    await screen.see(t('problem.setPassword.invalid-credentials'));
  });
});
