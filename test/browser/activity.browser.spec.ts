import { readFile } from 'node:fs/promises';
import type { Locator, Route } from 'playwright-core';
import { Portal } from '#test/support/people/portal.js';
import { until, withinASecond } from '#test/support/until.js';
import { focused } from './support/focus.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();

const asAdmin = async (portal: Portal, path = '/activity', options = {}): Promise<Screen> =>
  (await stage.open(options)).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}${path}`)}`);
const table = ({ page }: Screen) => page.getByRole('table', { name: t('activity.events') });
/** Of each event its button, in the order of the screen. */
const rows = (screen: Screen): Locator => table(screen).locator('button[aria-expanded]');
const top = (screen: Screen, text: string) =>
  until(`${text} is at the top`, async () => (await rows(screen).first().innerText()).includes(text));
/** Things that happen, each with a name by which it is known. */
async function happen(portal: Portal, ...names: string[]): Promise<void> {
  for (const displayName of names)
    (await portal.api.changeAccount(portal.id, portal.admin.id, { displayName })).success();
}
const named = async (screen: Screen, prefix: string) =>
  (await rows(screen).allInnerTexts()).flatMap((text) => new RegExp(`${prefix}-\\d+`).exec(text)?.[0] ?? []);
const numbered = (prefix: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${prefix}-${from + at}`);
const live = (screen: Screen) => screen.page.getByText(t('activity.state.live'), { exact: true });
const press = async (screen: Screen, row: Locator) => {
  await row.focus();
  await screen.page.keyboard.press('Enter');
};

describe('Activity', () => {
  it('has the newest first, and older ones page by page to the very first', async () => {
    const portal = await Portal.make(stage.stack);
    await happen(portal, ...numbered('old', 1, 60));
    const screen = await asAdmin(portal, '/profile');
    // the login too
    await portal.allEvents();
    await screen.page.getByRole('link', { name: t('activity.title') }).click();
    await rows(screen).nth(49).waitFor();
    expect(await rows(screen).count()).toBe(50);
    await top(screen, t('event.login-succeeded'));
    expect(await named(screen, 'old')).toEqual(numbered('old', 12, 60).reverse());
    await screen.press(t('activity.older'));
    await screen.see(t('activity.noOlder'));
    expect(await named(screen, 'old')).toEqual(numbered('old', 1, 60).reverse());
    expect(await rows(screen).count()).toBe((await portal.allEvents()).length);
    await rows(screen)
      .last()
      .filter({ hasText: t('event.portal-created') })
      .waitFor();
  });

  it('shows what happens at its top within a second', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asAdmin(portal);
    await live(screen).waitFor();
    for (const name of numbered('new', 1, 3)) {
      await happen(portal, name);
      await withinASecond(`${name} is at the top`, async () => (await rows(screen).first().innerText()).includes(name));
    }
  });

  it('says that it is live only while it is, and misses and doubles nothing in between', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asAdmin(portal);
    await live(screen).waitFor();
    await happen(portal, 'before-1');
    await top(screen, 'before-1');

    await screen.context.setOffline(true);
    await screen.see(t('activity.state.offline'));
    expect(await live(screen).count()).toBe(0);
    await happen(portal, ...numbered('away', 1, 70));
    await screen.context.setOffline(false);
    await live(screen).waitFor();
    await happen(portal, 'away-71');
    await top(screen, 'away-71');
    expect(await named(screen, 'away')).toEqual(numbered('away', 1, 71).reverse());

    await screen.page.route(/events\/stream$/, (route) => route.abort());
    await stage.stack.restart();
    await screen.see(t('activity.state.reconnecting'));
    expect(await live(screen).count()).toBe(0);
    await happen(portal, 'back-1');
    await screen.page.unroute(/events\/stream$/);
    await live(screen).waitFor();
    await top(screen, 'back-1');
    expect((await named(screen, 'away')).length).toBe(71);
  });

  it('does not move who has scrolled down; what is new is counted', async () => {
    const portal = await Portal.make(stage.stack);
    await happen(portal, ...numbered('old', 1, 30));
    const screen = await asAdmin(portal);
    // the login is no news any more
    await top(screen, t('event.login-succeeded'));
    const row = rows(screen).filter({ hasText: 'old-10' });
    await row.evaluate((element) => element.scrollIntoView({ block: 'center' }));
    const place = async () => (await row.boundingBox())?.y;
    const before = await place();
    await happen(portal, ...numbered('new', 1, 3));
    await screen.button(t('activity.waiting', { count: 3 })).waitFor();
    expect(await place()).toBe(before);
    expect(await named(screen, 'new')).toEqual([]);
    await screen.press(t('activity.waiting', { count: 3 }));
    await top(screen, 'new-3');
    await until('the top is in sight', () => rows(screen).first().isVisible());
    await happen(portal, 'new-4');
    await top(screen, 'new-4');
  });

  it('opens a row to the whole event by the keyboard, keeps the focus, and leads to what belongs together', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await (await portal.enrolled()).lock();
    const { username } = person.credentials;
    const screen = await asAdmin(portal, '/activity', { timezoneId: 'Europe/Berlin' });
    const row = rows(screen).filter({ hasText: t('event.account-locked') });
    await press(screen, row);
    expect(await row.getAttribute('aria-expanded')).toBe('true');
    const event = (await portal.allEvents()).find(({ type }) => type === 'two-factor.account-locked.v1')!;
    const detail = screen.page.locator(`[id="${(await row.getAttribute('aria-controls'))!}"]`);
    for (const text of [
      event.time,
      event.id,
      event.hash,
      event.previousHash,
      event.context.correlationId,
      `${username} · ${person.id}`,
      '127.0.0.1',
    ])
      await detail.getByText(text, { exact: true }).first().waitFor();
    // in the zone of who looks, which is named
    await screen.page
      .getByRole('columnheader', { name: t('activity.when', { zone: 'Europe/Berlin' }) })
      .waitFor({ state: 'attached' });
    const shown = new Intl.DateTimeFormat('en', { timeStyle: 'medium', timeZone: 'Europe/Berlin' });
    await table(screen)
      .getByRole('row')
      .filter({ hasText: t('event.account-locked') })
      .getByText(shown.format(new Date(event.time)))
      .waitFor();

    // who reads a row is not moved
    await happen(portal, 'new-1');
    await screen.button(t('activity.waiting', { count: 1 })).waitFor();
    expect(await focused(screen.page)).toContain(t('event.account-locked'));

    await detail.getByRole('button', { name: t('activity.copy') }).click();
    await screen.see(t('activity.copied'));
    const copied = JSON.parse(await screen.page.evaluate<string>('navigator.clipboard.readText()')) as unknown;
    expect(copied).toEqual(event);

    await press(screen, detail.getByRole('link', { name: t('activity.ofRequest') }));
    await until('the failure and the lock are left', async () => (await rows(screen).count()) === 2);
    expect(new URL(screen.page.url()).searchParams.get('correlationId')).toBe(event.context.correlationId);
    await screen.press(t('activity.takeBack', { filter: t('activity.request', { id: event.context.correlationId }) }));
    await rows(screen).nth(2).waitFor();
    await press(screen, rows(screen).filter({ hasText: 'new-1' }));
    await screen.page.getByRole('link', { name: t('activity.byActor') }).click();
    await screen
      .button(t('activity.takeBack', { filter: t('activity.actedBy', { name: portal.admin.credentials.username }) }))
      .waitFor();
    await until('the person’s own acts are gone', async () => (await row.count()) === 0);
  });

  it('says whence and with which device, whose word that is, and what can be read no longer', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.enrolled();
    const gateway = await portal.service('challenges');
    const client = { address: '203.0.113.7', userAgent: 'curl/8.5.0' };
    const opened = (await gateway.openChallenge(portal.id, person.id, client)).success() as { challenge: string };
    (await gateway.verifyChallenge(opened.challenge, { code: person.phone.wrongCode() })).refused('wrong-code');
    const userAgent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0';
    const screen = await asAdmin(portal, '/profile', { userAgent });
    // as if their keys were destroyed
    await screen.page.route(/\/events\?/, async (route: Route) => {
      const answer = await route.fetch();
      const page = (await answer.json()) as { events: { type: string; plain?: unknown }[] };
      for (const event of page.events) if (event.type.startsWith('identity.account-')) event.plain = null;
      await route.fulfill({ response: answer, json: page });
    });
    await screen.page.getByRole('link', { name: t('activity.title') }).click();
    const row = (text: string) => table(screen).getByRole('row').filter({ hasText: text }).first();
    await row(t('event.login-succeeded')).getByText('Firefox 128 · Windows').waitFor();
    await row(t('event.login-succeeded')).getByText('127.0.0.1').waitFor();
    await row(t('event.attempt-failed')).getByText('203.0.113.7').waitFor();
    await row(t('event.attempt-failed'))
      .getByText(`curl/8.5.0 · ${t('activity.told')} · HTTP`)
      .waitFor();
    await row(t('event.account-registered')).getByText(t('activity.gone')).first().waitFor();
  });

  it('filters by a person whom the server looks for, by several kinds and by time, all in the address', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await portal.register({ displayName: 'Zoë Quirk' });
    const other = await portal.register();
    await person.enterWrongPassword();
    await other.enterWrongPassword();
    const screen = await asAdmin(portal);
    const count = (of: number) => until(`${of} rows`, async () => (await rows(screen).count()) === of);
    await rows(screen).first().waitFor();
    const before = screen.urls.length;
    const box = screen.page.getByRole('combobox', { name: t('activity.personFilter') });
    await box.pressSequentially('quirk');
    await screen.page.getByRole('option', { name: `${person.credentials.username} · Zoë Quirk` }).click();
    await count(2);
    expect(await box.inputValue()).toBe(`${person.credentials.username} · Zoë Quirk`);
    // not one for each key, and never a list of all
    const lists = screen.urls.slice(before).filter((url) => url.includes('/accounts?'));
    expect(lists.filter((url) => url.includes('query=')).length).toBeLessThan(4);
    expect(lists.filter((url) => !/[?&](query|id)=|limit=20$/.test(url))).toEqual([]);

    await screen.page.getByRole('button', { name: t('activity.everyType') }).click();
    await screen.page.getByRole('option', { name: t('event.login-failed') }).click();
    await count(1);
    await screen.page.getByRole('option', { name: t('event.account-registered') }).click();
    await count(2);
    await screen.page.keyboard.press('Escape');
    await screen.see(t('activity.someTypes', { count: 2 }));
    await screen.page.getByRole('button', { name: t('activity.time') }).click();
    await screen.page.getByRole('option', { name: t('activity.range.hour') }).click();
    const { searchParams } = new URL(screen.page.url());
    expect(searchParams.getAll('type').sort()).toEqual(['identity.account-registered.v2', 'identity.login-failed.v1']);
    expect([searchParams.get('account'), searchParams.get('range')]).toEqual([person.id, 'hour']);
    await screen.page.reload();
    await count(2);
    await until('the name comes', async () => (await box.inputValue()).includes('Zoë Quirk'));
    // what happens is of the filter too
    await person.signIn();
    await other.enterWrongPassword();
    await person.enterWrongPassword();
    await count(3);

    await box.fill('');
    await box.press('Tab');
    await count(7);
  });

  it('names accounts and who acted, in the download too, as they are called now', async () => {
    const portal = await Portal.make(stage.stack);
    const person = await (await portal.enrolled()).lock();
    (await portal.api.unlock(portal.id, person.id)).success();
    const [name, admin] = [person.credentials.username, portal.admin.credentials.username];
    const screen = await asAdmin(portal);
    const row = table(screen)
      .getByRole('row')
      .filter({ hasText: t('event.user-unlocked') });
    await row.getByRole('link', { name }).waitFor();
    await row.getByRole('cell', { name: admin }).waitFor();
    const download = screen.page.waitForEvent('download');
    await screen.page.getByRole('link', { name: t('activity.export.csv') }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text.split('\r\n')[0]).toMatch(/,accountName,actorName$/);
    expect(text.split('\r\n').find((line) => line.includes(',two-factor.user-unlocked.'))).toMatch(
      new RegExp(`,${name},${admin}$`),
    );
  });

  it('counts in its chart what is shown, and says so', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asAdmin(portal, '/activity?type=identity.login-succeeded.v1');
    await screen.see(/Of the 2 events/);
    await portal.admin.signIn();
    await screen.see(/Of the 3 events/);
    await screen.page.getByText(t('activity.asTable')).click();
    const rows = screen.page
      .getByRole('table', { name: t('activity.chart') })
      .locator('tbody')
      .getByRole('row');
    // a minute may end between them
    const logins = async () => (await rows.allInnerTexts()).map((text) => Number(/(\d+)\s+0\s+0$/.exec(text)?.[1]));
    await until('three logins are counted', async () => (await logins()).reduce((sum, each) => sum + each, 0) === 3);
  });
});
