import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack, { rememberDays: 30 });
const REMEMBER = new RegExp(t('login.remember', { count: 30 }));

async function logInAndRemember(screen: Screen, person: Person): Promise<void> {
  await screen.go('/login');
  await screen.enterPassword(person);
  await screen.page.getByRole('checkbox', { name: REMEMBER }).focus();
  await screen.page.keyboard.press('Space');
  await screen.enterCode(person.phone.freshCode());
  await screen.seeHeading(t('profile.title'));
}
const logInAgain = async (screen: Screen, person: Person) => {
  await screen.logOut();
  await screen.enterPassword(person);
};

describe('a remembered browser', () => {
  it('R39 is asked for no code at the next login, by a cookie that no script sees', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await logInAndRemember(screen, person);
    const cookies = await screen.context.cookies();
    const cookie = cookies.find(({ name }) => name.startsWith('twinlock-browser-'));
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(cookie!.name).not.toContain(person.credentials.username);
    expect(cookie!.expires * 1000 - Date.now()).toBeGreaterThan(29 * 86_400_000);
    expect(await screen.page.evaluate('document.cookie')).toBe('');
    await logInAgain(screen, person);
    await screen.seeHeading(t('profile.title'));
    const next = (await screen.context.cookies()).find(({ name }) => name === cookie!.name);
    expect(next!.value).not.toBe(cookie!.value);
    await logInAgain(screen, person);
    await screen.seeHeading(t('profile.title'));
  });

  it('R39 is offered only where the portal lets people, and not chosen for them', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.enterPassword(person);
    await screen.seeHeading(t('login.codeTitle'));
    expect(await screen.page.getByRole('checkbox').isChecked()).toBe(false);
    await screen.enterCode(person.phone.freshCode());
    await screen.seeHeading(t('profile.title'));
    expect((await screen.context.cookies()).map(({ name }) => name)).toEqual(['twinlock-session']);

    const other = await Portal.make(stage.stack);
    const elsewhere = await stage.open();
    await elsewhere.enterPassword(await other.enrolled());
    await elsewhere.seeHeading(t('login.codeTitle'));
    expect(await elsewhere.page.getByRole('checkbox').count()).toBe(0);
  });

  it('R39 is remembered for each who uses it', async () => {
    const [alice, bob] = [await portal.enrolled(), await portal.enrolled()];
    const screen = await stage.open();
    await logInAndRemember(screen, alice);
    await screen.logOut();
    await logInAndRemember(screen, bob);
    for (const person of [alice, bob]) {
      await logInAgain(screen, person);
      await screen.see(person.credentials.username);
      await screen.seeHeading(t('profile.title'));
    }
  });

  it('R39 R44 is shown on the profile, and forgotten there', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await logInAndRemember(screen, person);
    await screen.seeHeading(t('browsers.title'));
    await screen.see(t('browsers.current'));
    await screen.page.getByRole('button', { name: /^Forget browser: / }).click();
    await screen.heading(t('browsers.title')).waitFor({ state: 'detached' });
    await logInAgain(screen, person);
    await screen.seeHeading(t('login.codeTitle'));
  });

  it('R39 R44 is shown to an administrator, who has all forgotten', async () => {
    const person = await portal.enrolled();
    await person.remember();
    const screen = await (await stage.open()).logIn(portal.admin);
    await screen.go(`/p/${portal.id}/contributors/${person.id}`);
    await screen.seeHeading(t('browsers.title'));
    await screen.press(t('browsers.theirs.endAll'));
    await screen.see(t('browsers.theirs.ask', { username: person.credentials.username }));
    await screen.press(t('browsers.askOk'));
    await screen.heading(t('browsers.title')).waitFor({ state: 'detached' });
    expect((await person.api.myBrowsers()).success()).toEqual({ browsers: [] });
  });

  it('R39 days are set by an administrator', async () => {
    const other = await Portal.make(stage.stack);
    const screen = await (await stage.open()).logIn(other.admin);
    await screen.go(`/p/${other.id}/settings/security`);
    await screen.type(t('settings.fields.rememberDays.label'), '14');
    await screen.page.keyboard.press('Tab');
    await screen.press(t('action.save'));
    await screen.see(t('settings.saved'));
    expect(await other.settings()).toMatchObject({ rememberDays: 14 });
  });
});
