import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { usePortal } from '#test/support/use-stack.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const LIMIT = t('settings.fields.maxFailedAttempts.label');

const asAdmin = async (path: string, of = portal): Promise<Screen> =>
  (await stage.open()).logIn(of.admin, `/login?next=${encodeURIComponent(`/p/${of.id}${path}`)}`);
const change = async (person: Person, body: object) =>
  (await portal.api.changeAccount(portal.id, person.id, body)).success();

describe('while somebody else changes an account', () => {
  it('what is being typed stays, and what is not is as it is now', async () => {
    const person = await portal.register({ displayName: 'Before', email: 'before@acme.example' });
    const screen = await asAdmin(`/contributors/${person.id}`);
    await screen.field(t('account.displayName')).fill('');
    await screen.field(t('account.displayName')).pressSequentially('Somebody el');
    await change(person, { email: 'after@acme.example' });
    await until(
      'the address comes',
      async () => (await screen.field(t('account.email')).inputValue()) === 'after@acme.example',
    );
    await screen.page.keyboard.type('se');
    expect(await screen.field(t('account.displayName')).inputValue()).toBe('Somebody else');

    await change(person, { displayName: 'A third one' });
    await screen.see(t('field.conflict'));
    await screen.see(`${t('account.displayName')}: A third one`);
    expect(await screen.field(t('account.displayName')).inputValue()).toBe('Somebody else');
    await screen.press(t('action.save'));
    await screen.see(t('contributors.saved', { username: person.credentials.username }));
    expect((await portal.api.account(portal.id, person.id)).success()).toMatchObject({
      displayName: 'Somebody else',
      email: 'after@acme.example',
    });
    await screen.gone(t('field.conflict'));
  });

  it('a field that one is in stays as one found it, until one leaves it', async () => {
    const person = await portal.register({ displayName: 'Before' });
    const screen = await asAdmin(`/contributors/${person.id}`);
    await screen.field(t('account.displayName')).focus();
    await change(person, { displayName: 'After' });
    await screen.seeHeading('After');
    expect(await screen.field(t('account.displayName')).inputValue()).toBe('Before');
    await screen.page.keyboard.press('Tab');
    await until('the name comes', async () => (await screen.field(t('account.displayName')).inputValue()) === 'After');
  });

  it('a setting that is being changed stays', async () => {
    const screen = await asAdmin('/settings/security');
    await screen.field(LIMIT).fill('8');
    await portal.set({ maxFailedAttempts: 9 });
    await screen.page.keyboard.press('Tab');
    await screen.see(`${LIMIT}: 9`);
    expect(await screen.field(LIMIT).inputValue()).toBe('8');
    await screen.press(t('action.undo'));
    await until('the limit comes', async () => (await screen.field(LIMIT).inputValue()) === '9');
    await portal.set({ maxFailedAttempts: 5 });
  });

  it('the name of a person that is being looked for stays', async () => {
    const screen = await asAdmin('/activity');
    const box = screen.page.getByRole('combobox', { name: t('activity.personFilter') });
    await box.pressSequentially('admin-');
    const person = await portal.register();
    // what lies around an open list is hidden from assistive technology, and there all the same
    await screen.page.locator('tr').filter({ hasText: person.credentials.username }).waitFor();
    expect(await box.inputValue()).toBe('admin-');
  });
});

it('a person that a link names is named when the names come', async () => {
  const person = await portal.register({ displayName: 'Zoë Quirk' });
  const screen = await asAdmin(`/activity?account=${person.id}`);
  const box = screen.page.getByRole('combobox', { name: t('activity.personFilter') });
  const name = `${person.credentials.username} · Zoë Quirk`;
  await until('the name is there', async () => (await box.inputValue()) === name, 5_000);
});

describe('a failure of a look behind the scenes', () => {
  it('takes nothing from the screen that was there', async () => {
    const person = await portal.register();
    const screen = await (await stage.open()).logIn(person);
    await screen.type(t('password.new'), 'typed and not yet sent');
    let refused = 0;
    await screen.page.route(/\/v1\/me$/, async (route) => {
      refused += 1;
      await route.fulfill({
        status: 404,
        contentType: 'application/problem+json',
        body: '{"code":"not-found","detail":""}',
      });
    });
    await screen.page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))");
    await until('the page looked', () => refused > 0);
    await screen.button(t('twoFactor.setUp')).waitFor();
    expect(await screen.field(t('password.new')).inputValue()).toBe('typed and not yet sent');
  });
});

describe('many events', () => {
  it('make few looks, of which the last sees what is so in the end', async () => {
    const own = await Portal.make(stage.stack);
    const people = await Promise.all(Array.from({ length: 5 }, () => own.register()));
    const screen = await asAdmin('/contributors', own);
    await screen.page.getByRole('row').nth(5).waitFor();
    const before = screen.urls.length;
    for (let i = 0; i < 150; i += 1) {
      const { id } = people[i % people.length]!;
      (await own.api.changeAccount(own.id, id, { displayName: `Turn ${i}` })).success();
    }
    await screen.see('Turn 149');
    expect(screen.urls.length - before).toBeLessThan(20);
  });

  it('make none of a page that concerns other people', async () => {
    const own = await Portal.make(stage.stack);
    const [one, other] = [await own.register(), await own.register()];
    const screen = await asAdmin(`/contributors/${one.id}`, own);
    await screen.seeHeading(one.credentials.username);
    // after which the administrator's own login has been heard of too
    (await own.api.changeAccount(own.id, one.id, { displayName: 'Heard of' })).success();
    await screen.seeHeading('Heard of');
    const before = screen.urls.length;
    (await own.api.changeAccount(own.id, other.id, { displayName: 'Another' })).success();
    (await own.api.changeAccount(own.id, one.id, { displayName: 'This one' })).success();
    await screen.seeHeading('This one');
    // its own look, at once or with the one before; its sessions and browsers are looked at from time to time
    const its = [one.id, `${one.id}/sessions`, `${one.id}/browsers`];
    expect(screen.urls.slice(before).filter((url) => !its.some((end) => url.endsWith(end)))).toEqual([]);
  });
});

describe('a portal of many people', () => {
  it('is shown page by page, searched without a wait, and one comes back to where one was', async () => {
    const own = await Portal.make(stage.stack);
    const names = Array.from({ length: 120 }, (_, i) => `person-${String(i).padStart(3, '0')}`);
    for (const username of names) await own.register({ username });
    const screen = await asAdmin('/contributors', own);
    const rows = screen.page.getByRole('row');
    await screen.page.getByRole('row').filter({ hasText: 'person-010' }).waitFor();
    expect(await rows.count()).toBe(51);
    await screen.press(t('pages.next'));
    await screen.page.getByRole('row').filter({ hasText: 'person-060' }).waitFor();
    expect(await rows.count()).toBe(51);
    await screen.page.getByRole('row').filter({ hasText: 'person-060' }).click();
    await screen.seeHeading('person-060');
    await screen.page.goBack();
    await screen.page.getByRole('row').filter({ hasText: 'person-060' }).waitFor();
    await screen.press(t('pages.next'));
    await screen.page.getByRole('row').filter({ hasText: 'person-119' }).waitFor();
    expect(await screen.button(t('pages.next')).getAttribute('aria-disabled')).toBe('true');
    await screen.press(t('pages.previous'));
    await screen.page.getByRole('row').filter({ hasText: 'person-060' }).waitFor();

    const before = screen.urls.length;
    await screen.field(t('contributors.search')).pressSequentially('person-07');
    await screen.page.getByRole('row').filter({ hasText: 'person-070' }).waitFor();
    await until('the others are gone', async () => (await rows.count()) === 11);
    // not one for each key
    expect(screen.urls.slice(before).filter((url) => url.includes('query=')).length).toBeLessThan(4);
  });
});
