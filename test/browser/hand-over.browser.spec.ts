import { Authenticator } from '#test/support/people/authenticator.js';
import { HandingGateway } from '#test/support/people/handing-gateway.js';
import { Portal } from '#test/support/people/portal.js';
import { Vouched } from '#test/support/people/vouched.js';
import { usePortal } from '#test/support/use-stack.js';
import { lookAt } from './support/picture.js';
import type { Screen } from './support/person-at-a-browser.js';
import { useStage } from './support/stage.js';
import { t } from './support/words.js';

const stage = useStage();
const portal = usePortal(stage.stack);
let gateway: HandingGateway;
beforeAll(async () => {
  gateway = await HandingGateway.open(portal, stage.stack.origin);
});
afterAll(() => gateway?.close());

const BOTH = 'urn:twinlock:acr:2fa';
const application = 'The Gateway';
/** The person is back at the gateway: what it learns. */
async function back(screen: Screen, of = gateway) {
  await screen.seeHeading('Welcome back');
  return of.learn(new URL(screen.page.url()));
}

describe('a person whom a gateway hands over, at a browser', () => {
  it('R34 enters a code and is back, and whoever is logged in at the console stays so', async () => {
    const person = await Vouched.enrolled(gateway, stage.stack.origin);
    const other = await portal.enrolled();
    const screen = await (await stage.open()).logIn(other);
    await screen.page.goto(await gateway.handOver(person.name));
    await screen.see(t('handOver.for.pass', { application }));
    await screen.see(t('handOver.codeFor', { username: person.username }));
    await lookAt('hand-over', screen);
    await screen.enterCode(person.phone.freshCode());
    expect(await back(screen)).toMatchObject({ sub: person.id, acr: BOTH });
    await screen.page.goBack();
    await screen.go('/');
    await screen.seeHeading(t('profile.title'));
    await screen.see(other.credentials.username);
  });

  it('R34 sets up a second factor on their own page, on a phone', async () => {
    const person = await Vouched.register(portal);
    const screen = await stage.open({ viewport: { width: 360, height: 740 } });
    await screen.page.goto(await gateway.handOverToManage(person.name));
    await screen.seeHeading(t('handOver.manage', { username: person.username }));
    await screen.press(t('twoFactor.setUp'));
    const key = await screen.page.getByTestId('manual-key').innerText();
    const phone = new Authenticator(`otpauth://totp/x?secret=${key.replace(/\s/g, '')}&period=30`, stage.stack.clock);
    await screen.enterCode(phone.freshCode());
    await screen.see(t('twoFactor.enabledNow'));
    await screen.press(t('backup.done'));
    await lookAt('hand-over-manage', screen);
    await screen.press(t('handOver.goOn', { application }));
    expect(await back(screen)).toMatchObject({ sub: person.id, acr: BOTH });
  });

  it('R34 is spoken to in the language that the gateway says, unless they have chosen one', async () => {
    const person = await Vouched.enrolled(gateway, stage.stack.origin);
    const screen = await stage.open();
    await screen.page.goto(await gateway.handOver(person.name, { ui_locales: 'fr de' }));
    await screen.see('The Gateway fragt nach Ihrem zweiten Faktor.');
    await screen.press('Zurück zu The Gateway');
    await screen.seeHeading('Welcome back');
    expect(new URL(screen.page.url()).searchParams.get('reason')).toBe('cancelled');
  });

  it('R37 is told until when they must set up 2FA, and goes on', async () => {
    const own = await Portal.make(stage.stack, { required: true });
    const other = await HandingGateway.open(own, stage.stack.origin);
    try {
      const person = await Vouched.register(own);
      const screen = await stage.open();
      await screen.page.goto(await other.handOver(person.name));
      await screen.seeHeading(t('twoFactor.required.title'));
      await lookAt('hand-over-grace', screen);
      await screen.press(t('handOver.later', { application }));
      expect(await back(screen, other)).toMatchObject({ acr: 'urn:twinlock:acr:1fa' });
    } finally {
      await other.close();
    }
  });

  it('R23 is told that the account is locked, and the gateway is too', async () => {
    const person = await Vouched.enrolled(gateway, stage.stack.origin);
    const screen = await stage.open();
    await screen.page.goto(await gateway.handOver(person.name));
    for (let left = 5; left > 0; left -= 1) {
      await screen.enterCode(person.phone.wrongCode());
      if (left > 1) await screen.see(t('problem.wrong-code-left', { count: left - 1 }));
    }
    await screen.seeHeading(t('handOver.ended.account-locked.title'));
    await screen.press(t('authorize.cancel', { application }));
    await screen.seeHeading('Welcome back');
    expect(new URL(screen.page.url()).searchParams.get('reason')).toBe('account-locked');
  });

  it('R34 finds a link that was opened in another browser good for nothing', async () => {
    const person = await Vouched.enrolled(gateway, stage.stack.origin);
    const link = await gateway.handOver(person.name);
    const first = await stage.open();
    await first.page.goto(link);
    await first.see(t('handOver.for.pass', { application }));
    const second = await stage.open();
    await second.page.goto(link);
    await second.see('This link was opened before, or is too old.');
    await second.page.goto(first.page.url());
    await second.seeHeading(t('handOver.over'));
  });
});
