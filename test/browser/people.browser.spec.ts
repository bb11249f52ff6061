import type { Locator } from 'playwright-core';
import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { accessibilityFaults } from './support/accessibility.js';
import { coveredOnTheWay, focusIsOn, press } from './support/focus.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';

const asAdmin = async (portal: Portal, path: string, options = {}): Promise<Screen> =>
  (await stage.open(options)).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);
const pageOf = (portal: Portal, { id }: Person) => asAdmin(portal, `/contributors/${id}`);
/** Each of the open sessions, the newest first. */
const sessions = ({ page }: Screen): Locator =>
  page.getByRole('region', { name: t('sessions.title') }).getByRole('listitem');
const endOf = (session: Locator) => session.getByRole('button', { name: t('sessions.end') });
const count = (screen: Screen, expected: number) =>
  screen.orTell(until(`${expected} sessions are listed`, async () => (await sessions(screen).count()) === expected));
/** The proof that the last login gave is old. */
const waitOutTheProof = () => stage.stack.clock.advance(601);
const shown = (at: string) =>
  new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(at));

describe('Contributors', () => {
  it('R33 are filtered by second factor and status and sorted by last login, also after a reload and by keyboard', async () => {
    const portal = await Portal.make(stage.stack);
    const [enrolled, locked, without] = [await portal.enrolled(), await portal.enrolled(), await portal.register()];
    await locked.lock();
    const screen = await asAdmin(portal, '/contributors');
    const names = async () => (await screen.page.getByRole('rowheader').getByRole('link').allTextContents()).sort();
    const list = (...people: Person[]) => {
      const expected = people.map(({ credentials }) => credentials.username).sort();
      const isShown = async () => JSON.stringify(await names()) === JSON.stringify(expected);
      return screen.orTell(until(`${expected.join()} are listed`, isShown));
    };
    const choose = async (label: string, option: string) => {
      await screen.page.getByRole('button', { name: label }).click();
      await screen.page.getByRole('option', { name: option }).click();
    };
    await screen.see(t('contributors.count.enabled', { count: 4, enabled: 2 }));
    await screen.see(t('contributors.count.locked', { count: 1 }));
    await choose(t('contributors.twoFactor'), t('twoFactor.status.none'));
    await list(portal.admin, without);
    await screen.see(t('contributors.neverLoggedIn'));
    await screen.type(t('contributors.search'), 'contributor');
    await list(without);
    await screen.page.reload();
    await list(without);
    await screen.type(t('contributors.search'), '');
    await choose(t('contributors.twoFactor'), t('twoFactor.status.enabled'));
    await list(enrolled, locked);
    await choose(t('contributors.state'), t('account.suspended'));
    await screen.see(t('contributors.noneFits'));
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    // by keyboard
    await screen.page.getByRole('button', { name: t('contributors.state') }).press('ArrowDown');
    await screen.page.getByRole('option', { name: t('account.locked') }).press('Enter');
    await list(locked);
    const { lockedAt } = (await portal.api.account(portal.id, locked.id)).success();
    await screen.see(t('contributors.since', { since: shown(lockedAt!) }));
    // what happens elsewhere is seen here
    (await portal.api.unlock(portal.id, locked.id)).success();
    await screen.see(t('contributors.noneFits'));
    await screen.go(`/p/${portal.id}/contributors?sort=-lastLoginAt`);
    await list(portal.admin, enrolled, locked, without);
    const rows = await screen.page.getByRole('rowheader').getByRole('link').allTextContents();
    expect(rows.at(-1)).toBe(without.credentials.username);
  });
});

describe('My profile → Sessions', () => {
  it('R44 tells device, address, method and times of each, the newest first, and which is this one', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const screen = await (await stage.open({ userAgent: FIREFOX })).logIn(person);
    await count(screen, 2);
    const [present, older] = await sessions(screen).all();
    for (const text of [
      'Firefox 128 · Windows',
      t('sessions.current'),
      '127.0.0.1',
      t('sessions.method.password+totp'),
    ])
      await present!.getByText(text, { exact: true }).waitFor();
    const [newest] = (await person.api.mySessions()).success().sessions;
    await present!.getByText(t('sessions.began', { time: shown(newest!.createdAt) })).waitFor();
    await present!.getByText(/^Last active /).waitFor();
    await older!.getByText(t('sessions.method.password'), { exact: true }).waitFor();
    expect(await older!.getByText(t('sessions.current')).count()).toBe(0);
    await screen.see(t('sessions.open', { count: 2 }));
  });

  it('R44 one is ended by the keyboard; the focus stays in the card, and what ended is said', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.contributor();
    const screen = await (await stage.open()).logIn(person);
    await count(screen, 2);
    expect(await endOf(sessions(screen).first()).count()).toBe(0);
    await press(screen, endOf(sessions(screen).last()));
    await screen.see(/^Session ended: /);
    await count(screen, 1);
    (await person.api.me()).refused('session-ended');
    await focusIsOn(screen, t('sessions.title'));
    expect(await screen.button(t('sessions.mine.endAll')).count()).toBe(0);
    // the present one goes on, and is ended by logging out
    await screen.page.reload();
    await count(screen, 1);
    await sessions(screen)
      .first()
      .getByRole('button', { name: t('shell.logOut') })
      .click();
    await screen.seeHeading(t('login.title'));
    await screen.see(t('shell.loggedOut'));
  });

  it('R44 all others are ended at once, after a question', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.contributor();
    const second = await person.secondSession();
    const screen = await (await stage.open()).logIn(person);
    await count(screen, 3);
    await press(screen, t('sessions.mine.endAll'));
    await press(screen, t('action.cancel'));
    await focusIsOn(screen, t('sessions.mine.endAll'));
    await count(screen, 3);
    await press(screen, t('sessions.mine.endAll'));
    await press(screen, t('sessions.askOk'));
    await screen.see(t('sessions.mine.endedAll'));
    await count(screen, 1);
    await focusIsOn(screen, t('sessions.title'));
    (await person.api.me()).refused('session-ended');
    (await stage.stack.api.as(second).me()).refused('session-ended');
  });

  it('R44 one that ends elsewhere goes from the list, also for who hears of no events', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.contributor();
    const screen = await (await stage.open()).logIn(person);
    const admins = await asAdmin(portal, '/profile');
    await count(screen, 2);
    await count(admins, 2);
    (await portal.admin.api.logout()).success();
    await count(admins, 1);
    (await person.api.logout()).success();
    await count(screen, 1);
  });
});

describe("a contributor's sessions", () => {
  it('R44 come and go as they begin and end, and are ended one by one or all at once', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.contributor();
    const screen = await pageOf(portal, person);
    await count(screen, 1);
    await person.secondSession();
    const theirs = await (await stage.open({ userAgent: FIREFOX })).logIn(person);
    await count(screen, 3);
    await press(screen, endOf(sessions(screen).filter({ hasText: 'Firefox 128' })));
    await screen.see(t('sessions.ended', { device: 'Firefox 128 · Windows' }));
    await theirs.see(t('shell.sessionEnded'));
    await count(screen, 2);
    await press(screen, t('sessions.theirs.endAll'));
    await press(screen, t('sessions.askOk'));
    await screen.see(t('sessions.theirs.endedAll', { username: person.credentials.username }));
    await count(screen, 0);
    await focusIsOn(screen, t('sessions.title'));
    (await person.api.me()).refused('session-ended');
    await person.signIn();
    await count(screen, 1);
  });

  it('are not those of the administrator who looks', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await pageOf(portal, portal.admin);
    await screen.see(t('contributors.ownAccount'));
    for (const name of [t('contributors.suspend'), t('contributors.delete.begin'), t('sessions.theirs.endAll')])
      expect([name, await screen.button(name).count()]).toEqual([name, 0]);
  });
});

describe('Suspend and resume', () => {
  it('R41 asks, wants a proof, ends what the person does, and shows since when', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.register();
    const { username } = person.credentials;
    waitOutTheProof();
    await portal.admin.signIn();
    const theirs = await (await stage.open()).logIn(person);
    const screen = await pageOf(portal, person);
    const list = await asAdmin(portal, '/contributors');
    waitOutTheProof();
    await press(screen, t('contributors.suspend'));
    await screen.see(t('contributors.askSuspendWhat'));
    await press(screen, screen.page.getByRole('alertdialog').getByRole('button', { name: t('contributors.suspend') }));
    await screen.prove(portal.admin);
    await screen.see(t('contributors.suspended', { username }));
    await focusIsOn(screen, t('contributors.access'));
    const { suspendedAt } = (await portal.api.account(portal.id, person.id)).success();
    const since = shown(suspendedAt!);
    await screen.see(t('contributors.suspendedSince', { since }));
    await count(screen, 0);
    await theirs.see(t('shell.sessionEnded'));
    await theirs.enterPassword(person);
    await theirs.see(t('problem.account-suspended'));

    const row = list.page.getByRole('row').filter({ hasText: username });
    await list.orTell(row.getByText(t('account.suspended'), { exact: true }).waitFor());
    await row.getByText(t('contributors.since', { since })).waitFor();

    await press(screen, t('contributors.resume'));
    await screen.see(t('contributors.resumed', { username }));
    await focusIsOn(screen, t('contributors.access'));
    await row.getByText(t('account.active'), { exact: true }).waitFor();
    await theirs.enterPassword(person);
    await theirs.seeHeading(t('profile.title'));
  });

  it('R41 a lock stays, and is said', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await (await portal.enrolled()).lock();
    const { username } = person.credentials;
    (await portal.api.suspend(portal.id, person.id)).success();
    const screen = await pageOf(portal, person);
    await screen.press(t('contributors.resume'));
    await screen.see(t('contributors.resumedLocked', { username }));
    await screen.button(t('contributors.unlock')).waitFor();
  });

  it('R41 is not done where the proof is not given', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.register();
    const screen = await pageOf(portal, person);
    waitOutTheProof();
    await screen.press(t('contributors.suspend'));
    await screen.page
      .getByRole('alertdialog')
      .getByRole('button', { name: t('contributors.suspend') })
      .click();
    await screen.seeHeading(t('proof.title'));
    await screen.press(t('action.cancel'));
    await screen.button(t('contributors.suspend')).waitFor();
    await person.signIn();
  });
});

describe('Delete', () => {
  const typed = (username: string) => t('contributors.delete.type', { username });

  it('R42 works once the username is typed exactly; the account goes from the list, and its page says so', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.contributor();
    const { username } = person.credentials;
    const screen = await asAdmin(portal, '/contributors');
    await screen.page.getByRole('link', { name: username }).click();
    const watching = await pageOf(portal, person);
    await watching.button(t('contributors.delete.begin')).waitFor();
    waitOutTheProof();
    await press(screen, t('contributors.delete.begin'));
    for (const part of ['access', 'events', 'username', 'never'])
      await screen.see(t(`contributors.delete.lost.${part}`));
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    await focusIsOn(screen, 'confirmation');
    const confirm = screen.button(t('contributors.delete.confirm'));
    for (const other of ['', username.toUpperCase(), `${username} `, username.slice(1)]) {
      await screen.type(typed(username), other);
      await screen.page.keyboard.press('Enter');
      expect([other, await confirm.getAttribute('aria-disabled')]).toEqual([other, 'true']);
    }
    expect((await portal.api.account(portal.id, person.id)).success().status).toBe('active');
    waitOutTheProof();

    await screen.type(typed(username), username);
    expect(await confirm.getAttribute('aria-disabled')).toBeNull();
    await screen.page.keyboard.press('Enter');
    await screen.prove(portal.admin);
    await screen.see(t('contributors.delete.done', { username }));
    await screen.seeHeading(t('contributors.title'));
    await focusIsOn(screen, t('contributors.title'));
    const rows = screen.page.getByRole('row');
    await rows.filter({ hasText: portal.admin.credentials.username }).waitFor();
    expect(await rows.filter({ hasText: username }).count()).toBe(0);
    (await person.api.me()).refused('session-ended');
    (await portal.api.account(portal.id, person.id)).refused('account-deleted');

    await watching.seeHeading(t('contributors.deleted.title'));
    await watching.page.reload();
    await watching.seeHeading(t('contributors.deleted.title'));
    expect(await watching.text()).not.toContain(username);
    await watching.page
      .locator('main')
      .getByRole('link', { name: t('contributors.activity') })
      .click();
    await watching.seeHeading(t('activity.title'));
    await watching.page
      .getByRole('row')
      .filter({ hasText: t('event.account-deleted') })
      .waitFor();
  });

  it('R42 keeps the account where the proof is not given, and says why where it is refused', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.register({ admin: true });
    const { username } = person.credentials;
    const screen = await pageOf(portal, person);
    waitOutTheProof();
    await screen.press(t('contributors.delete.begin'));
    await screen.type(typed(username), username);
    await screen.press(t('contributors.delete.confirm'));
    await screen.seeHeading(t('proof.title'));
    await screen.page.keyboard.press('Escape');
    await screen.heading(t('proof.title')).waitFor({ state: 'detached' });
    expect(await screen.field(typed(username)).inputValue()).toBe(username);
    // what the server would say if the person became the last administrator meanwhile
    await screen.page.route(/\/accounts\/[^/]+$/, (route) =>
      route.request().method() === 'DELETE'
        ? route.fulfill({ status: 409, json: { code: 'last-administrator', detail: '', status: 409 } })
        : route.continue(),
    );
    await screen.press(t('contributors.delete.confirm'));
    await screen.see(t('problem.last-administrator'));
    await screen.press(t('action.cancel'));
    await focusIsOn(screen, t('contributors.delete.begin'));
    await person.signIn();
  });
});

describe.each([
  ['on a phone', { width: 390, height: 844 }],
  ['at 200 %', { width: 640, height: 450 }],
])('%s', (_, viewport) => {
  it('nothing of these screens is cut off, or lies over what has the focus', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.contributor();
    for (let i = 0; i < 3; i += 1) await person.secondSession();
    (await portal.api.suspend(portal.id, (await portal.register()).id)).success();
    for (const [path, last] of [
      ['/profile', t('sessions.mine.endAll')],
      [`/contributors/${person.id}`, t('contributors.delete.begin')],
      ['/contributors', ''],
    ] as const) {
      const screen = await asAdmin(portal, path, { viewport });
      if (last) await screen.button(last).waitFor();
      else await screen.see(t('account.suspended'));
      expect(await accessibilityFaults(screen.page)).toEqual([]);
      expect(await screen.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(viewport.width);
      for (const key of ['Tab', 'Shift+Tab'] as const) expect(await coveredOnTheWay(screen.page, key)).toEqual([]);
    }
  });
});
