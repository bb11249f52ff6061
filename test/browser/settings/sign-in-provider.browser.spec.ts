import { Portal } from '#test/support/people/portal.js';
import { useIdentityProvider } from '#test/support/use-stack.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { focusIsOn } from '../support/focus.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';

const stage = useStage();
const provider = useIdentityProvider();

const label = (name: 'issuer' | 'audience' | 'jwksUri') => t(`settings.sso.${name}.label`);
const SAVE = t('settings.sso.save');
const idp = { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' };
const settingsOf = async (portal: Portal, options = {}): Promise<Screen> =>
  (await stage.open(options)).logIn(
    portal.admin,
    `/login?next=${encodeURIComponent(`/p/${portal.id}/settings/security`)}`,
  );
const saved = async (portal: Portal) => (await portal.api.sso(portal.id)).success();

describe('the sign-in provider', () => {
  it('R04, R14 is set by the keyboard alone after a proof, and people log in by it', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await settingsOf(portal);
    const { keyboard } = screen.page;
    const none = screen.page.getByText(t('settings.sso.none'), { exact: true });
    await screen.orTell(none.waitFor());
    stage.stack.clock.advance(601);
    await screen.field(label('issuer')).focus();
    await keyboard.type(provider.issuer);
    await keyboard.press('Tab');
    await keyboard.type(provider.audience);
    await keyboard.press('Tab');
    await keyboard.type(`${provider.issuer}/jwks`);
    await keyboard.press('Enter');
    await screen.prove(portal.admin);
    await screen.see(t('settings.saved'));
    expect(await saved(portal)).toMatchObject({
      issuer: provider.issuer,
      audience: provider.audience,
      jwksUri: `${provider.issuer}/jwks`,
    });
    await none.waitFor({ state: 'detached' });
    const person = await portal.register();
    (await portal.api.changeAccount(portal.id, person.id, { ssoSubject: person.id })).success();
    (await stage.stack.api.loginWithSso(portal.id, await provider.idToken(person))).success();
    await screen.page.reload();
    await screen.orTell(screen.field(label('issuer')).waitFor());
    expect(await screen.field(label('issuer')).inputValue()).toBe(provider.issuer);
  });

  it.each(['https://10.0.0.1/jwks', 'http://idp.example/jwks', 'https://user:secret@idp.example/jwks', 'no address'])(
    'is refused beside the field that is wrong: %s',
    async (jwksUri) => {
      const portal = await Portal.make(stage.stack);
      const screen = await settingsOf(portal);
      await screen.type(label('issuer'), idp.issuer);
      await screen.type(label('jwksUri'), jwksUri);
      await screen.press(SAVE);
      await screen.see(t('field.missing'));
      await screen.type(label('audience'), idp.audience);
      await screen.press(SAVE);
      await screen.see(t('malformed.jwksUri'));
      await focusIsOn(screen, 'jwksUri');
      expect(await accessibilityFaults(screen.page)).toEqual([]);
      expect((await saved(portal)).issuer).toBeNull();
      await screen.type(label('jwksUri'), idp.jwksUri);
      await screen.press(SAVE);
      await screen.see(t('settings.saved'));
      expect(await saved(portal)).toMatchObject(idp);
    },
  );

  it('R04 says what somebody else has changed meanwhile, and takes back what is typed', async () => {
    const portal = await Portal.make(stage.stack);
    (await portal.api.changeSso(portal.id, idp)).success();
    const screen = await settingsOf(portal);
    await screen.type(label('audience'), 'mine');
    (await portal.api.changeSso(portal.id, { ...idp, audience: 'theirs' })).success();
    await screen.see(t('field.conflict'));
    await screen.see(`${label('audience')}: theirs`);
    await screen.press(t('action.undo'));
    await screen.gone(t('field.conflict'));
    expect(await screen.field(label('audience')).inputValue()).toBe('theirs');
  });

  it('is set in German on a phone', async () => {
    const de = wordsOf('de');
    const portal = await Portal.make(stage.stack);
    (await portal.api.changeProfile(portal.id, { language: 'de' })).success();
    const screen = await stage.open({ viewport: { width: 375, height: 740 } });
    await screen.go(`/login?portal=${portal.id}&next=${encodeURIComponent(`/p/${portal.id}/settings/security`)}`);
    await screen.type(de('login.username'), portal.admin.credentials.username);
    await screen.type(de('login.password'), portal.admin.credentials.password);
    await screen.press(de('login.action'));
    await screen.seeHeading(de('settings.sso.title'));
    for (const name of ['issuer', 'audience', 'jwksUri'] as const)
      await screen.type(de(`settings.sso.${name}.label`), idp[name]);
    await screen.press(de('settings.sso.save'));
    await screen.see(de('settings.saved'));
    expect(await saved(portal)).toMatchObject(idp);
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    expect(await screen.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(375);
  });
});
