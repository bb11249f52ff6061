import { usePortal } from '#test/support/use-stack.js';
import type { Person } from '#test/support/people/portal.js';
import { lookAt } from '../support/picture.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack, { id: 'acme', admin: 'grace' });
let alice: Person;
beforeAll(async () => {
  alice = await portal.register({ username: 'alice', displayName: 'Alice Arden', email: 'alice@acme.example' });
  await (await (await alice.signIn()).enrol()).lock();
  await (await portal.register({ type: 'power-reader', username: 'bob', displayName: 'Bob Byrd' })).signIn();
});

/** In this order: the later ones show what the earlier ones did. */
describe('the screen', () => {
  it('contributors', async () => {
    for (const [username, displayName] of [
      ['carol', 'Carol Chen'],
      ['dmitri', 'Dmitri Dolgov'],
      ['emma', 'Emma Eze'],
    ] as const) {
      await (await portal.register({ username, displayName, email: `${username}@acme.example` })).signIn();
    }
    const screen = await (await stage.open()).logIn(portal.admin, '/login?next=/p/acme/contributors');
    await screen.page.getByRole('row').filter({ hasText: 'alice' }).getByText(t('account.locked')).waitFor();
    await lookAt('contributors', screen);
    await screen.go('/p/acme/contributors?status=locked');
    await screen.page.getByRole('row').filter({ hasText: 'alice' }).waitFor();
    await lookAt('contributors-locked', screen);
    await screen.go('/p/acme/contributors');
    await screen.type(t('contributors.search'), 'nobody');
    await screen.see(t('contributors.noneFound', { query: 'nobody' }));
    await lookAt('contributors-none', screen);
    await screen.go(`/p/acme/contributors/${alice.id}`);
    await screen.button(t('contributors.unlock')).waitFor();
    await lookAt('contributor-locked', screen);
    await screen.go('/p/acme/contributors');
    for (const username of ['alice', 'carol', 'emma']) {
      const box = screen.page.getByRole('checkbox', { name: t('bulk.choose', { username }), exact: true });
      await box.locator('xpath=ancestor::label').click();
    }
    await screen.see(t('bulk.chosen', { count: 3 }));
    await lookAt('contributors-selected', screen);
    await screen.press(t('bulk.unlock.begin'));
    await screen.see(t('bulk.unlock.what'));
    await lookAt('contributors-enable', screen);
    await screen.page
      .getByRole('dialog')
      .getByRole('button', { name: t('bulk.unlock.begin') })
      .click();
    await screen.see(t('bulk.unlock.failed', { count: 2 }));
    await lookAt('contributors-enabled', screen);
    await screen.press(t('action.close'));
    await screen.go('/p/acme/contributors/new');
    await screen.field(t('login.username')).waitFor();
    await lookAt('contributor-new', screen);
    const tool = await portal.service('accounts');
    const gina = { username: 'gina', displayName: 'Gina Garcia', externalId: 'u-1042', type: 'contributor' };
    const { id } = (await tool.register('acme', gina)).success();
    await screen.go(`/p/acme/contributors/${id}`);
    await screen.see('u-1042');
    await lookAt('contributor-without-password', screen);
    await screen.go('/p/acme/contributors');
    await screen.see('u-1042');
    await lookAt('contributors-of-a-gateway', screen);
  });

  it('a contributor: sessions, suspending, deleting', async () => {
    const userAgents = [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    ];
    const frank = await portal.register({ username: 'frank', displayName: 'Frank Fell', email: 'frank@acme.example' });
    for (const userAgent of userAgents) await (await stage.open({ userAgent })).logIn(frank);
    const screen = await (await stage.open()).logIn(portal.admin, `/login?next=/p/acme/contributors/${frank.id}`);
    await screen.see('Safari 17 · iOS');
    await lookAt('contributor', screen);
    const linkOf = (name: string) => screen.page.getByRole('listitem').filter({ hasText: name }).getByRole('button');
    await linkOf(t('passwordLink.name')).click();
    await screen.see(t('bulk.sendLink.what'));
    await lookAt('contributor-password-link', screen);
    await screen.page
      .getByRole('dialog')
      .getByRole('button', { name: t('bulk.sendLink.begin') })
      .click();
    await screen.see(t('problem.no-mail'));
    await lookAt('contributor-password-link-refused', screen);
    await screen.press(t('action.cancel'));
    await linkOf(t('loginLink.name')).click();
    await screen.page
      .getByRole('dialog')
      .getByRole('button', { name: t('loginLink.create') })
      .click();
    await screen.button(t('shownOnce.done')).waitFor();
    await lookAt('contributor-login-link', screen);
    await screen.press(t('shownOnce.done'));
    await screen.press(t('contributors.suspend'));
    await screen.see(t('contributors.askSuspendWhat'));
    await lookAt('contributor-suspend', screen);
    await screen.page
      .getByRole('alertdialog')
      .getByRole('button', { name: t('contributors.suspend') })
      .click();
    await screen.button(t('contributors.resume')).waitFor();
    await screen.see(t('sessions.none'));
    await lookAt('contributor-suspended', screen);
    await screen.go('/p/acme/contributors');
    await screen.see(t('account.suspended'));
    await lookAt('contributors-suspended', screen);

    const german = await stage.open({ locale: 'de-DE', timezoneId: 'Europe/Berlin', userAgent: userAgents[0]! });
    const de = wordsOf('de');
    await german.go('/login?portal=acme&next=/p/acme/profile');
    await german.type(de('login.portal'), 'acme');
    await german.type(de('login.username'), 'grace');
    await german.type(de('login.password'), portal.admin.credentials.password);
    await german.press(de('login.action'));
    await german.see(de('sessions.current'));
    await lookAt('profile-german', german);
    await german.press(de('sessions.mine.endAll'));
    await german.see(de('sessions.mine.askWhat'));
    await lookAt('profile-end-sessions-german', german);
    await german.press(de('action.cancel'));
    await german.go(`/p/acme/contributors/${frank.id}`);
    await german.press(de('contributors.delete.begin'));
    await german.see(de('contributors.delete.lost.never'));
    await lookAt('contributor-delete-german', german);
    await german.press(de('action.cancel'));
    await lookAt('contributor-suspended-german', german);

    await screen.go(`/p/acme/contributors/${frank.id}`);
    await screen.press(t('contributors.delete.begin'));
    await screen.type(t('contributors.delete.type', { username: 'frank' }), 'frank');
    await lookAt('contributor-delete', screen);
    (await portal.api.deleteAccount('acme', frank.id)).success();
    await screen.seeHeading(t('contributors.deleted.title'));
    await lookAt('contributor-deleted', screen);
  });
});
