import type { Locator } from 'playwright-core';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useMailingStack } from '#test/support/servers/mail/use-mail.js';
import { until } from '#test/support/until.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { coveredOnTheWay, focusIsOn, press } from '../support/focus.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';

const { stack, server } = await useMailingStack({ public: true });
const stage = useStage(stack);

const asAdmin = async (portal: Portal, path = '/contributors', options = {}): Promise<Screen> =>
  (await stage.open(options)).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);
const box = (screen: Screen, name: string): Locator => screen.page.getByRole('checkbox', { name, exact: true });
const boxOf = (screen: Screen, { credentials: { username } }: Person) => box(screen, t('bulk.choose', { username }));
const all = (screen: Screen) => box(screen, t('bulk.chooseAll'));
/** As a person does: the box is drawn, what takes the focus has no size. */
const tick = (screen: Screen, check: Locator) => screen.orTell(check.locator('xpath=ancestor::label').click());
const dialog = ({ page }: Screen) => page.getByRole('dialog');
const confirm = (screen: Screen, name: string) => dialog(screen).getByRole('button', { name, exact: true }).click();
const chosen = (screen: Screen, count: number) =>
  screen.see(count === 0 ? t('bulk.nobody') : t('bulk.chosen', { count }));
const proofGrowsOld = () => stack.clock.advance(601);
const lockedPeople = async (portal: Portal, count: number) => {
  const people = [];
  for (let i = 0; i < count; i += 1) people.push(await (await portal.enrolled()).lock());
  return people;
};

describe('several contributors at once', () => {
  it('R25 are enabled after one proof; who is not is told with the reason, also where the list has nobody left', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 1 });
    const people = await lockedPeople(portal, 6);
    const screen = await asAdmin(portal, '/contributors?status=locked');
    await boxOf(screen, people[0]!).waitFor();
    await tick(screen, all(screen));
    await chosen(screen, 6);
    const asked = screen.urls.length;
    proofGrowsOld();
    await screen.press(t('bulk.unlock.begin'));
    await screen.see(t('bulk.unlock.what'));
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    // somebody else was faster
    (await portal.api.unlock(portal.id, people[2]!.id)).success();
    await confirm(screen, t('bulk.unlock.begin'));
    await screen.prove(portal.admin);
    await screen.see(t('bulk.unlock.done', { count: 5 }));
    await screen.see(t('bulk.unlock.failed', { count: 1 }));
    const refused = dialog(screen).getByRole('listitem');
    await refused.getByText(people[2]!.credentials.username).waitFor();
    await refused.getByText(t('problem.not-locked')).waitFor();
    expect(screen.urls.slice(asked).filter((url) => url.endsWith('/re-authenticate'))).toHaveLength(1);
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    await press(screen, dialog(screen).getByRole('button', { name: t('action.close') }));
    await screen.see(t('contributors.noneFits'));
    for (const person of people) await person.signIn();
  });

  it('R14 stay as they are where the proof is not given', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 1 });
    const people = await lockedPeople(portal, 2);
    const screen = await asAdmin(portal);
    for (const person of people) await tick(screen, boxOf(screen, person));
    await chosen(screen, 2);
    proofGrowsOld();
    await screen.press(t('bulk.unlock.begin'));
    await confirm(screen, t('bulk.unlock.begin'));
    await screen.seeHeading(t('proof.title'));
    await screen.page.keyboard.press('Escape');
    await screen.see(t('bulk.unlock.what'));
    await confirm(screen, t('action.cancel'));
    await chosen(screen, 2);
    for (const { id } of people) expect((await portal.api.account(portal.id, id)).success().status).toBe('locked');
  });

  it('R43 are sent links; who has no address that is old enough is told, and nobody sees a link', async () => {
    const portal = await Portal.make(stack);
    const [old, young, without] = [
      await portal.register({ email: 'old@acme.example' }),
      await portal.register({ email: 'young@acme.example' }),
      await portal.register(),
    ];
    stack.clock.advance(7 * 86_400 + 60);
    await portal.admin.signIn();
    (await portal.api.changeAccount(portal.id, young.id, { email: 'younger@acme.example' })).success();
    const screen = await asAdmin(portal);
    // by the keyboard alone
    for (const person of [old, young, without]) {
      await boxOf(screen, person).focus();
      await screen.page.keyboard.press('Space');
    }
    await chosen(screen, 3);
    await press(screen, t('bulk.sendLink.begin'));
    await screen.see(t('bulk.sendLink.what'));
    await focusIsOn(screen, t('bulk.sendLink.begin'));
    await screen.page.keyboard.press('Enter');
    await screen.see(t('bulk.sendLink.done', { count: 1 }));
    await screen.see(t('bulk.sendLink.failed', { count: 2 }));
    for (const { credentials } of [young, without])
      await dialog(screen).getByRole('listitem').filter({ hasText: credentials.username }).waitFor();
    await screen.see(t('problem.no-mail'));
    await focusIsOn(screen, t('action.close'));
    await screen.page.keyboard.press('Enter');
    await focusIsOn(screen, t('bulk.sendLink.begin'));
    const [{ mail } = {} as never] = await server.mails('old@acme.example', 'Set your password');
    expect(mail.text).toContain(`${stack.origin}/console/password#pwl_`);
    expect(await screen.page.content()).not.toContain('pwl_');
  });

  it('are stopped in between; who was not come to is named', async () => {
    const portal = await Portal.make(stack, { maxFailedAttempts: 1 });
    const people = await lockedPeople(portal, 3);
    const screen = await asAdmin(portal, '/contributors?status=locked');
    await boxOf(screen, people[0]!).waitFor();
    await tick(screen, all(screen));
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await screen.page.route(/\/unlock$/, async (route) => {
      await held;
      await route.continue();
    });
    await screen.press(t('bulk.unlock.begin'));
    await confirm(screen, t('bulk.unlock.begin'));
    await screen.page.keyboard.press('Escape');
    await confirm(screen, t('bulk.stop'));
    goOn();
    await screen.see(t('bulk.unlock.done', { count: 1 }));
    await screen.see(t('bulk.left', { count: 2 }));
  });

  it('are chosen all or one by one; who goes from the list is chosen no more', async () => {
    const portal = await Portal.make(stack);
    const people = [await portal.register(), await portal.register()];
    const screen = await asAdmin(portal);
    await boxOf(screen, people[0]!).waitFor();
    await chosen(screen, 0);
    const begin = screen.button(t('bulk.unlock.begin'));
    expect(await begin.getAttribute('aria-disabled')).toBe('true');
    const top = async () => (await screen.page.getByRole('table').boundingBox())?.y;
    const before = await top();
    await tick(screen, boxOf(screen, people[0]!));
    await chosen(screen, 1);
    // nothing has moved, and the row's link was not followed
    expect(await top()).toBe(before);
    await screen.seeHeading(t('contributors.title'));
    await all(screen).and(screen.page.locator(':indeterminate')).waitFor({ state: 'attached' });
    await tick(screen, all(screen));
    await chosen(screen, 3);
    expect(await all(screen).isChecked()).toBe(true);
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    (await portal.api.deleteAccount(portal.id, people[1]!.id)).success();
    await chosen(screen, 2);
    await screen.press(t('bulk.clear'));
    await chosen(screen, 0);
    expect(await all(screen).isChecked()).toBe(false);
  });

  it.each([
    ['on a phone', { width: 375, height: 740 }],
    ['at 200 %', { width: 640, height: 450 }],
  ])('are chosen in German %s, where nothing is cut off or lies over what has the focus', async (_, viewport) => {
    const de = wordsOf('de');
    const portal = await Portal.make(stack, { maxFailedAttempts: 1 });
    for (let i = 0; i < 12; i += 1) await portal.register();
    const locked = await (await portal.enrolled()).lock();
    const screen = await stage.open({ viewport, locale: 'de-DE' });
    await screen.go(`/login?next=${encodeURIComponent(`/p/${portal.id}/contributors`)}`);
    await screen.type(de('login.portal'), portal.id);
    await screen.type(de('login.username'), portal.admin.credentials.username);
    await screen.type(de('login.password'), portal.admin.credentials.password);
    await screen.press(de('login.action'));
    await tick(screen, box(screen, de('bulk.choose', { username: locked.credentials.username })));
    await screen.see(de('bulk.chosen', { count: 1 }));
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    expect(await screen.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(viewport.width);
    for (const key of ['Tab', 'Shift+Tab'] as const) expect(await coveredOnTheWay(screen.page, key)).toEqual([]);
    await screen.press(de('bulk.unlock.begin'));
    await confirm(screen, de('bulk.unlock.begin'));
    await screen.see(de('bulk.unlock.done', { count: 1 }));
    await until('the lock is over', async () => {
      return (await portal.api.account(portal.id, locked.id)).success().status === 'active';
    });
  });
});
