import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { coveredOnTheWay, focusIsOn, press } from '../support/focus.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';

const stage = useStage();

const asOperator = async (portal: Portal, options = {}): Promise<Screen> => {
  const screen = await stage.openAsOperator(`/operator/portals/${portal.id}`, options);
  await screen.seeHeading(portal.id);
  return screen;
};
const rows = ({ page }: Screen) => page.getByRole('list', { name: t('serviceTokens.title') }).getByRole('listitem');
const choose = (screen: Screen, scope: string) =>
  screen.page
    .locator('label')
    .filter({ hasText: t(`serviceTokens.scope.${scope}.label`) })
    .click();

describe("a portal's service tokens", () => {
  it('are issued by the operator, shown once, and revoked after a question', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asOperator(portal);
    await screen.see(t('serviceTokens.none'));
    await screen.press(t('serviceTokens.issue'));
    expect(await screen.page.getByText(t('field.missing')).count()).toBe(2);
    await screen.type(t('serviceTokens.name'), 'VPN gateway');
    await choose(screen, 'challenges');
    await choose(screen, 'accounts');
    await screen.press(t('serviceTokens.issue'));
    const shown = screen.page.getByTestId('shown-once');
    await screen.orTell(shown.waitFor());
    const token = await shown.innerText();
    const gateway = stage.stack.api.as(token);
    (await gateway.accounts(portal.id)).success();
    (await gateway.events(portal.id)).refused('forbidden');
    await focusIsOn(screen, t('shownOnce.copy'));
    await screen.page.keyboard.press('Escape');
    await shown.waitFor();
    await press(screen, t('shownOnce.done'));
    await shown.waitFor({ state: 'detached' });
    expect(await screen.page.content()).not.toContain(token);
    expect(await screen.field(t('serviceTokens.name')).inputValue()).toBe('');

    await screen.page.reload();
    const row = rows(screen);
    await row.getByText('VPN gateway').waitFor();
    for (const scope of ['challenges', 'accounts'])
      await row.getByText(t(`serviceTokens.scope.${scope}.label`)).waitFor();
    expect(await row.getByText(t('serviceTokens.scope.erasure.label')).count()).toBe(0);
    await row.getByText(/^Last used /).waitFor();
    await press(screen, row.getByRole('button'));
    await screen.see(t('serviceTokens.askRevokeWhat'));
    await press(screen, t('action.cancel'));
    (await gateway.accounts(portal.id)).success();
    await press(screen, row.getByRole('button'));
    await press(screen, t('serviceTokens.revoke'));
    await screen.see(t('serviceTokens.revoked', { name: 'VPN gateway' }));
    await screen.see(t('serviceTokens.none'));
    (await gateway.accounts(portal.id)).refused('unauthenticated');
  });

  it('may have an end, which lies ahead, and say that it has come', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asOperator(portal);
    await screen.type(t('serviceTokens.name'), 'Nightly export');
    await choose(screen, 'events');
    await screen.type(t('serviceTokens.expiresAt'), '2020-01-01T12:00');
    await screen.press(t('serviceTokens.issue'));
    await screen.see(t('malformed.expiresAt'));
    await screen.type(t('serviceTokens.expiresAt'), '2100-01-01T12:00');
    await screen.press(t('serviceTokens.issue'));
    await screen.press(t('shownOnce.done'));
    const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
    const time = format.format(Date.parse('2100-01-01T12:00Z'));
    await rows(screen).getByText(t('serviceTokens.until', { time })).waitFor();
    const { serviceTokens } = (await stage.stack.operator.serviceTokens(portal.id)).success();
    expect(serviceTokens.map(({ expiresAt }) => expiresAt)).toEqual(['2100-01-01T12:00:00.000Z']);

    const expiresAt = new Date(stage.stack.clock.now() + 1_500).toISOString();
    const body = { name: 'Yesterday', scopes: ['events' as const], expiresAt };
    (await stage.stack.operator.issueServiceToken(portal.id, body)).success();
    const expired = rows(screen).filter({ hasText: 'Yesterday' }).getByText(t('serviceTokens.expired'));
    await until('the token says that it has expired', async () => {
      await screen.page.reload();
      await rows(screen).nth(1).waitFor();
      return (await expired.count()) === 1;
    });
    expect(await screen.page.getByText(t('serviceTokens.expired')).count()).toBe(1);
  });

  it('are more than a page of, one after another', async () => {
    const portal = await Portal.make(stage.stack);
    for (let i = 0; i < 51; i += 1) await portal.serviceToken('events');
    const screen = await asOperator(portal);
    await screen.press(t('pages.next'));
    await screen.orTell(rows(screen).nth(1).waitFor({ state: 'detached' }));
    expect(await rows(screen).count()).toBe(1);
    await screen.press(t('pages.previous'));
    await rows(screen).nth(49).waitFor();
  });

  it('are seen by an administrator, who hears of each as it comes, and changes none', async () => {
    const portal = await Portal.make(stage.stack);
    const path = `/p/${portal.id}/settings/security`;
    const screen = await (await stage.open()).logIn(portal.admin, `/login?next=${encodeURIComponent(path)}`);
    await screen.see(t('serviceTokens.none'));
    await portal.serviceToken('challenges');
    await rows(screen).getByText(t('serviceTokens.scope.challenges.label')).waitFor();
    expect(await rows(screen).getByRole('button').count()).toBe(0);
    await screen.go(`/operator/portals/${portal.id}`);
    await screen.field(t('operator.token')).waitFor();
  });

  it('are asked for again when the hour of the operator is over, and in German', async () => {
    const portal = await Portal.make(stage.stack);
    const de = wordsOf('de');
    const screen = await stage.openAsOperator(`/operator/portals/${portal.id}`, { locale: 'de-DE' }, de);
    await screen.see(de('serviceTokens.none'));
    await screen.context.clearCookies();
    await screen.type(de('serviceTokens.name'), 'Gateway');
    await screen.page
      .locator('label')
      .filter({ hasText: de('serviceTokens.scope.events.label') })
      .click();
    await screen.press(de('serviceTokens.issue'));
    await screen.field(de('operator.token')).waitFor();
    expect((await stage.stack.operator.serviceTokens(portal.id)).success().serviceTokens).toEqual([]);
  });
});

describe.each([
  ['on a phone', { width: 390, height: 844 }],
  ['at 200 %', { width: 640, height: 450 }],
])('%s', (_, viewport) => {
  it("nothing of the operator's screens is cut off, or lies over what has the focus", async () => {
    const portal = await Portal.make(stage.stack);
    await portal.register({ username: 'w'.repeat(128) });
    const body = { name: 'M'.repeat(128), scopes: ['events' as const, 'erasure' as const] };
    (await stage.stack.operator.issueServiceToken(portal.id, body)).success();
    const screen = await asOperator(portal, { viewport });
    const redirectUris = [`https://${'m'.repeat(60)}.example/${'w'.repeat(200)}`];
    (await stage.stack.operator.registerClient(portal.id, { name: 'M'.repeat(128), redirectUris })).success();
    for (const [path, last] of [
      ['', t('serviceTokens.issue')],
      ['/clients', t('clients.register')],
      ['/accounts', t('passwordLink.createFor', { username: 'w'.repeat(128) })],
    ] as const) {
      await screen.go(`/operator/portals/${portal.id}${path}`);
      await screen.orTell(screen.button(last).waitFor());
      expect(await accessibilityFaults(screen.page)).toEqual([]);
      expect(await screen.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(viewport.width);
      for (const key of ['Tab', 'Shift+Tab'] as const) expect(await coveredOnTheWay(screen.page, key)).toEqual([]);
    }
  });
});
