import { Portal } from '#test/support/people/portal.js';
import { usePortal } from '#test/support/use-stack.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);

const WRONG = t('problem.login.invalid-credentials');
const usedOrWrong = (left: number) => t('problem.wrong-code-left', { count: left });

describe('login in a browser', () => {
  it('R15 says the same of a wrong username and a wrong password, and asks for a code only after a right one', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.enterPassword(person, 'not the password');
    await screen.see(WRONG);
    expect(await screen.field(t('code.app')).count()).toBe(0);
    await screen.type(t('login.username'), 'nobody-of-that-name');
    await screen.press(t('login.action'));
    await screen.see(WRONG);
    await screen.enterPassword(person);
    await screen.seeHeading(t('login.codeTitle'));
  });

  it('R15 says how long to wait after many wrong passwords', async () => {
    const person = await portal.register();
    const screen = await stage.open();
    for (let i = 0; i < 5; i += 1) (await person.enterWrongPassword()).refused('invalid-credentials');
    await screen.enterPassword(person, 'not the password');
    await screen.see(new RegExp(t('problem.wait-minutes', { count: 99 }).replace('99', '\\d+')));
  });

  it('R16 logs in by password and code', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.enterPassword(person);
    await screen.seeHeading(t('login.codeTitle'));
    await screen.go('/');
    expect(await screen.heading(t('profile.title')).count()).toBe(0);
    await screen.logIn(person);
    await screen.see(person.credentials.username);
  });

  it('R17 takes the code of the previous 30-second window', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    stage.stack.clock.advanceToStep(person.phone.lastShown + 3);
    const step = stage.stack.clock.startOfStep();
    await screen.enterPassword(person);
    await screen.enterCode(person.phone.codeAt(step - 2));
    await screen.see(usedOrWrong(4));
    await screen.enterCode(person.phone.codeAt(stage.stack.clock.step() - 1));
    await screen.seeHeading(t('profile.title'));
  });

  it('R18 refuses a code that was used', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.enterPassword(person);
    const code = person.phone.freshCode();
    await screen.enterCode(code);
    await screen.seeHeading(t('profile.title'));
    const other = await stage.open();
    await other.enterPassword(person);
    await other.enterCode(code);
    await other.see(usedOrWrong(4));
  });

  it('R19 logs in by a link without a code, and keeps the token out of address, history and requests', async () => {
    const person = await portal.enrolled();
    const token = await portal.loginToken(person);
    const screen = await stage.open();
    const fragment = new URLSearchParams({ portal: portal.id, token });
    await screen.go(`/login/token#${fragment.toString()}`);
    await screen.see(portal.id);
    expect(screen.page.url()).toBe(`${stage.stack.origin}/console/login/token`);
    await screen.press(t('login.action'));
    await screen.seeHeading(t('profile.title'));
    const devTools = await screen.context.newCDPSession(screen.page);
    const { entries } = await devTools.send('Page.getNavigationHistory');
    expect(entries.length).toBeGreaterThan(1);
    expect(entries.map(({ url }) => url).filter((url) => url.includes(token))).toEqual([]);
    expect(screen.urls.filter((url) => url.includes(token))).toEqual([]);
  });

  it('R20 asks for no code while two-factor authentication is off for the portal', async () => {
    const own = await Portal.make(stage.stack);
    const person = await own.enrolled();
    await own.set({ enabled: false });
    const screen = await stage.open();
    await screen.enterPassword(person);
    await screen.seeHeading(t('profile.title'));
    await screen.see(t('twoFactor.reason.portal-off'));
  });

  it('R21 begins again with the password when the code comes after 5 minutes', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.enterPassword(person);
    await screen.seeHeading(t('login.codeTitle'));
    stage.stack.clock.advance(301);
    await screen.enterCode(person.phone.freshCode());
    await screen.see(t('login.challengeEnded'));
    await screen.seeHeading(t('login.title'));
  });

  it('R22 counts wrong codes across logins, and R26 says how many attempts are left', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.enterPassword(person);
    await screen.enterCode(person.phone.wrongCode());
    await screen.see(usedOrWrong(4));
    const other = await stage.open();
    await other.enterPassword(person);
    await other.enterCode(person.phone.wrongCode());
    await other.see(usedOrWrong(3));
    await other.enterCode(person.phone.freshCode());
    await other.seeHeading(t('profile.title'));
    await screen.enterCode(person.phone.wrongCode());
    await screen.see(usedOrWrong(4));
  });

  it('R23 locks the account at the limit, and R26 says who can unlock it; a right code changes nothing', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.enterPassword(person);
    for (let left = 4; left > 0; left -= 1) {
      await screen.enterCode(person.phone.wrongCode());
      await screen.see(usedOrWrong(left));
    }
    await screen.enterCode(person.phone.wrongCode());
    await screen.seeHeading(t('locked.title'));
    await screen.see(t('locked.ask'));
    await screen.press(t('locked.back'));
    await screen.enterPassword(person);
    await screen.seeHeading(t('locked.title'));
  });

  it('R27 takes no attempt for what is no code', async () => {
    const person = await portal.enrolled();
    const screen = await stage.open();
    await screen.enterPassword(person);
    for (const typed of ['12345', '1234567', 'abcdef', '１２３４５６']) {
      await screen.enterCode(typed);
      await screen.see(t('code.malformed'));
    }
    await screen.enterCode(person.phone.wrongCode());
    await screen.see(usedOrWrong(4));
  });

  it('R10 logs in by a backup code once, and says when few are left', async () => {
    const person = await portal.enrolled();
    const [last, ...others] = person.backupCodes as [string, ...string[]];
    for (const code of others.slice(0, 6)) (await person.enterBackupCode(code)).success();
    const screen = await stage.open();
    await screen.enterPassword(person);
    await screen.enterBackupCode(others[0]!);
    await screen.see(usedOrWrong(4));
    await screen.type(t('code.backup'), last.toLowerCase().replaceAll('-', ' '));
    await screen.press(t('action.continue'));
    await screen.seeHeading(t('profile.title'));
    await screen.see(t('login.fewBackupCodes', { count: 3 }));
  });
});
