import { Portal } from '#test/support/people/portal.js';
import { readKeyUri } from '#test/support/people/key-uri.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t, wordsOf } from './support/words.js';

const stage = useStage();
const german = wordsOf('de');

const label = (name: 'displayName' | 'issuer' | 'language' | 'supportContact') => t(`settings.profile.${name}.label`);
const SAVE = t('settings.profile.save');
const settingsOf = async (portal: Portal): Promise<Screen> =>
  (await stage.open()).logIn(portal.admin, `/login?next=${encodeURIComponent(`/p/${portal.id}/settings/security`)}`);
const set = async (portal: Portal, profile: object) => (await portal.api.changeProfile(portal.id, profile)).success();
const brand = (screen: Screen, name: string) =>
  screen.orTell(screen.page.locator('header, main').getByText(name, { exact: true }).first().waitFor());

describe("the portal's own face", () => {
  it('R04 is set in Settings by the keyboard alone, and is seen at once and at the next login', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await settingsOf(portal);
    const { keyboard } = screen.page;
    await screen.field(label('displayName')).focus();
    await keyboard.type('Acme: Bern');
    await keyboard.press('Tab');
    await keyboard.type('Acme VPN');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type('Ask Grace, room 12');
    await keyboard.press('Enter');
    await screen.see(t('settings.saved'));
    await brand(screen, 'Acme: Bern');
    expect(await screen.page.title()).toBe(`${t('settings.security')} · Acme: Bern`);
    expect((await portal.api.profile(portal.id)).success()).toEqual({
      displayName: 'Acme: Bern',
      issuer: 'Acme VPN',
      language: null,
      supportContact: 'Ask Grace, room 12',
    });

    const person = await portal.contributor();
    const { otpauthUri } = (await person.api.setUp()).success();
    expect(readKeyUri(otpauthUri).issuer).toBe('Acme VPN');

    const other = await (await stage.open()).go(`/login?portal=${portal.id}`);
    await brand(other, 'Acme: Bern');
    // which portal it is follows what is typed
    await other.type(t('login.portal'), 'no-such-portal');
    await brand(other, 'Twinlock');
    await other.type(t('login.portal'), portal.id);
    await brand(other, 'Acme: Bern');
  });

  it('has a language, which the pages speak to who has chosen none', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await settingsOf(portal);
    await screen.page.getByRole('button', { name: label('language') }).click();
    await screen.page.getByRole('option', { name: 'Deutsch' }).click();
    await screen.press(SAVE);
    await screen.seeHeading(german('settings.security'));

    const stranger = await (await stage.open()).go(`/login?portal=${portal.id}`);
    await stranger.seeHeading(german('login.title'));
    expect(await stranger.page.getAttribute('html', 'lang')).toBe('de');
    // what a person chooses is theirs
    await stranger.page.getByRole('button', { name: german('shell.language') }).click();
    await stranger.page.getByRole('option', { name: 'English' }).click();
    await stranger.seeHeading(t('login.title'));
    await stranger.page.reload();
    await stranger.seeHeading(t('login.title'));

    await set(portal, { language: null });
    const next = await (await stage.open()).go(`/login?portal=${portal.id}`);
    await next.seeHeading(t('login.title'));
  });

  it.each([
    ['help@acme.example', 'mailto:help@acme.example'],
    ['https://acme.example/help', 'https://acme.example/help'],
    ['+49 30 1234', null],
    ['javascript:alert(document.domain)', null],
    ['<img src=x onerror=alert(1)>', null],
  ])('R26 says on the page of a locked account whom to ask: %s', async (supportContact, href) => {
    const portal = await Portal.make(stage.stack, { maxFailedAttempts: 1 });
    await set(portal, { supportContact, displayName: '<b>Acme</b>' });
    const person = await portal.enrolled();
    const screen = await (await stage.open()).enterPassword(person);
    await screen.enterCode(person.phone.wrongCode());
    await screen.seeHeading(t('locked.title'));
    await brand(screen, '<b>Acme</b>');
    const contact = screen.page.getByText(supportContact, { exact: true });
    await screen.orTell(contact.waitFor());
    expect(await screen.page.getByRole('link', { name: supportContact }).count()).toBe(href === null ? 0 : 1);
    expect(await contact.getAttribute('href')).toBe(href);
    await screen.see(t('locked.contact'));
    expect(await screen.page.locator('main img, main b').count()).toBe(0);
  });

  it('R26 says of a portal that names nobody to ask an administrator', async () => {
    const portal = await Portal.make(stage.stack, { maxFailedAttempts: 1 });
    const person = await portal.enrolled();
    const screen = await (await stage.open()).enterPassword(person);
    await screen.enterCode(person.phone.wrongCode());
    await screen.see(t('locked.ask'));
    expect(await screen.text()).not.toContain(t('locked.contact'));
  });

  it('R50 is refused beside the field that is wrong', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await settingsOf(portal);
    await screen.type(label('issuer'), 'Acme: VPN');
    await screen.press(SAVE);
    await screen.see(t('malformed.issuer'));
    await screen.type(label('issuer'), 'Acme VPN');
    await screen.type(label('supportContact'), 'Grace\u202e');
    await screen.press(SAVE);
    await screen.see(t('malformed.supportContact'));
    expect(await screen.page.locator(':focus').getAttribute('name')).toBe('supportContact');
    await screen.type(label('supportContact'), '');
    await screen.press(SAVE);
    await screen.see(t('settings.saved'));
    expect((await portal.api.profile(portal.id)).success()).toMatchObject({ issuer: 'Acme VPN', supportContact: null });
  });

  it('R04 does not lose what somebody else set meanwhile: it says so, and changes what was changed here alone', async () => {
    const portal = await Portal.make(stage.stack);
    await set(portal, { displayName: 'Acme', supportContact: 'help@acme.example' });
    const screen = await settingsOf(portal);
    await screen.type(label('displayName'), 'Acme Bern');
    await set(portal, { displayName: 'Acme Basel', supportContact: 'desk@acme.example' });
    await screen.see(t('field.conflict'));
    await screen.see(`${label('displayName')}: Acme Basel`);
    await screen.press(SAVE);
    await screen.see(t('settings.saved'));
    await screen.gone(t('field.conflict'));
    expect((await portal.api.profile(portal.id)).success()).toMatchObject({
      displayName: 'Acme Bern',
      supportContact: 'desk@acme.example',
    });
  });
});
