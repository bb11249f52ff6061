import { type Person, Portal } from '#test/support/people/portal.js';
import { useMailingStack } from '#test/support/servers/mail/use-mail.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { focusIsOn, press } from '../support/focus.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';

const { stack, server } = await useMailingStack({ public: true });
const stage = useStage(stack);

const asAdmin = async (portal: Portal, path: string, options = {}): Promise<Screen> =>
  (await stage.open(options)).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);
const pageOf = (portal: Portal, { id }: Person) => asAdmin(portal, `/contributors/${id}`);
const rowOf = (screen: Screen, { credentials: { username } }: Person) =>
  screen.page.getByRole('row').filter({ hasText: username });
const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const shown = (at: string | undefined) => format.format(Date.parse(at!));
const dialog = ({ page }: Screen) => page.getByRole('dialog');
const links = (screen: Screen, name: string) =>
  screen.page
    .getByRole('listitem')
    .filter({ hasText: t(`${name}.name`) })
    .getByRole('button');
const week = async (portal: Portal) => {
  stack.clock.advance(7 * 86_400 + 60);
  await portal.admin.signIn();
};

describe('how near an account is to a lock, and what ends one', () => {
  it('R22 counts the failed attempts of those that lock, in the list and on the page, as they come', async () => {
    const portal = await Portal.make(stack);
    const person = await portal.enrolled();
    const list = await asAdmin(portal, '/contributors');
    const screen = await pageOf(portal, person);
    await screen.seeHeading(t('contributors.access'));
    await person.fail(4);
    const words = t('contributors.attemptsOf', { failed: 4, count: 5 });
    await list.orTell(rowOf(list, person).getByText(words).waitFor());
    await screen.see(words);
    await portal.set({ maxFailedAttempts: 6 });
    await screen.see(t('contributors.attemptsOf', { failed: 4, count: 6 }));
    await person.signIn();
    await screen.gone(t('contributors.attemptsTitle'));
  });

  it('R25, R38 says since when an account is locked, and whether the lock ends by itself', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 2 });
    const [forGood, forAWhile] = [await portal.enrolled(), await portal.enrolled()];
    await forGood.lock();
    await portal.set({ lockMinutes: 30 });
    await forAWhile.lock();
    const accounts = await Promise.all(
      [forGood, forAWhile].map(async ({ id }) => (await portal.api.account(portal.id, id)).success()),
    );
    const until = shown(accounts[1]!.lockEndsAt);
    const list = await asAdmin(portal, '/contributors');
    for (const words of [
      t('contributors.since', { since: shown(accounts[0]!.lockedAt) }),
      t('contributors.untilEnabled'),
    ])
      await list.orTell(rowOf(list, forGood).getByText(words).waitFor());
    await rowOf(list, forAWhile).getByText(t('contributors.until', { until })).waitFor();
    const screen = await pageOf(portal, forAWhile);
    await screen.see(t('contributors.lockedUntil', { until }));
    await screen.see(t('contributors.attemptsOf', { failed: 2, count: 2 }));
    await screen.go(`/p/${portal.id}/contributors/${forGood.id}`);
    await screen.see(t('contributors.lockedUntilEnabled'));
  });

  it('R41 a suspended account says that it is locked too, and either is ended without the other', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 1 });
    const person = await (await portal.enrolled()).lock();
    (await portal.api.suspend(portal.id, person.id)).success();
    const list = await asAdmin(portal, '/contributors');
    await list.orTell(rowOf(list, person).getByText(t('contributors.lockedToo')).waitFor());
    const screen = await pageOf(portal, person);
    await screen.button(t('contributors.resume')).waitFor();
    await screen.press(t('contributors.unlock'));
    await screen.gone(t('contributors.lockedWhy'));
    await screen.see(t('contributors.suspendedWhat'));
    expect((await portal.api.account(portal.id, person.id)).success()).toMatchObject({ status: 'suspended' });
  });
});

describe('a password link', () => {
  it('R43 is mailed after a question and a proof, and the administrator never sees it', async () => {
    const portal = await Portal.make(stack);
    const person = await portal.register({ email: 'carol@acme.example' });
    await week(portal);
    const screen = await pageOf(portal, person);
    await press(screen, links(screen, 'passwordLink'));
    await screen.see(t('bulk.sendLink.what'));
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    stack.clock.advance(601);
    await press(screen, dialog(screen).getByRole('button', { name: t('bulk.sendLink.begin') }));
    await screen.prove(portal.admin);
    await screen.see(t('passwordLink.sent', { username: person.credentials.username }));
    await focusIsOn(screen, t('bulk.sendLink.begin'));
    const [{ mail } = {} as never] = await server.mails('carol@acme.example', 'Set your password');
    const [, token = ''] = /\/console\/password#(pwl_\S+)/.exec(mail.text ?? '') ?? [];
    expect(token).not.toBe('');
    expect(await screen.page.content()).not.toContain(token);
    const theirs = await (await stage.open()).go(`/password#${token}`);
    await theirs.type(t('password.new'), 'a new password of mine');
    await theirs.type(t('password.again'), 'a new password of mine');
    await theirs.press(t('setPassword.action'));
    await theirs.see(t('setPassword.done'));
  });

  it('R43 is refused in words where it cannot be mailed', async () => {
    const portal = await Portal.make(stack);
    const person = await portal.register();
    const screen = await pageOf(portal, person);
    await links(screen, 'passwordLink').click();
    await dialog(screen)
      .getByRole('button', { name: t('bulk.sendLink.begin') })
      .click();
    await screen.see(t('problem.no-mail'));
    await screen.press(t('action.cancel'));
    await dialog(screen).waitFor({ state: 'detached' });
  });
});

describe('a login link', () => {
  it('R14, R19 is made after a proof, shown once with its end, and logs the person in once', async () => {
    const portal = await Portal.make(stack);
    const person = await portal.enrolled();
    const screen = await pageOf(portal, person);
    await links(screen, 'loginLink').waitFor();
    stack.clock.advance(601);
    await press(screen, links(screen, 'loginLink'));
    await screen.see(t('loginLink.what'));
    await press(screen, dialog(screen).getByRole('button', { name: t('loginLink.create') }));
    await screen.prove(portal.admin);
    const secret = screen.page.getByTestId('shown-once');
    await screen.orTell(secret.waitFor());
    const url = new URL(await secret.innerText());
    expect(url.origin).toBe(stack.origin);
    const now = stack.clock.now();
    const ends = [9, 10].map((minutes) => format.format(now + minutes * 60_000));
    const said = await dialog(screen).innerText();
    expect(ends.some((time) => said.includes(t('loginLink.made', { time })))).toBe(true);
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    await screen.page.keyboard.press('Escape');
    await secret.waitFor();
    await screen.press(t('shownOnce.done'));
    await secret.waitFor({ state: 'detached' });
    expect(await screen.page.content()).not.toContain('lgn_');

    const follow = async () => (await stage.open()).go(url.pathname.replace('/console', '') + url.hash);
    const theirs = await follow();
    await theirs.press(t('login.action'));
    await theirs.seeHeading(t('profile.title'));
    const second = await follow();
    await second.press(t('login.action'));
    await second.see(t('problem.token.invalid-credentials'));
  });

  it('R23, R43 none is made for who is locked, nor for oneself', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 1 });
    const person = await (await portal.enrolled()).lock();
    const screen = await pageOf(portal, person);
    await screen.see(t('links.barred'));
    for (const name of ['passwordLink', 'loginLink'])
      expect([name, await links(screen, name).getAttribute('aria-disabled')]).toEqual([name, 'true']);
    (await portal.api.unlock(portal.id, person.id)).success();
    await screen.see(t('links.what'));
    await links(screen, 'loginLink').click();
    await dialog(screen).waitFor();
    await screen.press(t('action.cancel'));
    await screen.go(`/p/${portal.id}/contributors/${portal.admin.id}`);
    await screen.see(t('contributors.ownAccount'));
    expect(await screen.heading(t('links.title')).count()).toBe(0);
  });
});

it('nothing of these screens is cut off on a phone, in German either', async () => {
  const de = wordsOf('de');
  const portal = await Portal.make(stack, { maxFailedAttempts: 1 });
  const person = await (await portal.enrolled()).lock();
  (await portal.api.suspend(portal.id, person.id)).success();
  const viewport = { width: 375, height: 740 };
  const screen = await stage.open({ viewport, locale: 'de-DE' });
  await screen.go(`/login?next=${encodeURIComponent(`/p/${portal.id}/contributors/${person.id}`)}`);
  await screen.type(de('login.portal'), portal.id);
  await screen.type(de('login.username'), portal.admin.credentials.username);
  await screen.type(de('login.password'), portal.admin.credentials.password);
  await screen.press(de('login.action'));
  await screen.see(de('contributors.lockedUntilEnabled'));
  await screen.seeHeading(de('links.title'));
  expect(await accessibilityFaults(screen.page)).toEqual([]);
  expect(await screen.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(viewport.width);
});
