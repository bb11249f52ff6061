import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Portal } from '#test/support/people/portal.js';
import { lookInto } from '#test/support/stored/store-file.js';
import { accessibilityFaults } from '../support/accessibility.js';
import { coveredOnTheWay, press } from '../support/focus.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { lookAt } from '../support/picture.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';

const stage = useStage();

const asOperator = async (options = {}, words = t): Promise<Screen> => {
  const screen = await stage.openAsOperator('/operator/installation', options, words);
  await screen.seeHeading(words('installation.title'));
  return screen;
};
const rows = ({ page }: Screen, name: string) => page.getByRole('list', { name }).getByRole('listitem');
const textsOf = async (screen: Screen, name: string) => {
  await screen.orTell(rows(screen, name).first().waitFor());
  return (await rows(screen, name).allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
};
const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const timeOf = (at: string) => format.format(Date.parse(at));

/** What an app could not handle, in its store; `number` tells them apart. */
async function unhandled(app: 'identity' | 'two-factor', numbers: readonly number[]): Promise<void> {
  await lookInto(
    stage.stack.dataDir,
    app,
    async (store) => {
      for (const number of numbers)
        await store.put('dead-letters', ['admin-policy', number, 0], {
          source: 'admin-policy',
          position: number,
          index: 0,
          stream: 'demo',
          type: 'admin-policy.settings-changed.v1',
          eventId: `0c9c3a0e-6c2f-4f0a-9e0f-${number}.1`,
          reason: `TypeError at handle (file:///srv/twinlock/dist/bin/${app}.js:${number}:1)`,
          at: new Date(Date.UTC(2026, 10, 24, 9, number)).toISOString(),
        });
    },
    { writing: true },
  );
}

/** In this order: the later ones show what the earlier ones did. */
describe("the operator's page of the installation", () => {
  it('is one step from the portals, and says that all is well and that the logs were never verified', async () => {
    const screen = await stage.openAsOperator('/operator');
    await press(screen, screen.page.getByRole('link', { name: t('installation.title') }));
    await screen.seeHeading(t('installation.title'));
    const ready = t('installation.status.ok');
    const texts = await textsOf(screen, t('installation.apps'));
    expect(texts.map((text) => text.replace(/ Version .*/, ''))).toEqual(
      ['identity', 'two-factor', 'admin-policy', 'audit', 'openid'].map((app) => `${app} ${ready}`),
    );
    await screen.see(t('installation.noDeadLetters'));
    const { apps } = (await stage.stack.operator.installation()).success();
    const keys = apps.flatMap(({ keyRing }) => keyRing?.keys ?? []);
    expect(await textsOf(screen, t('installation.keys'))).toEqual(
      ['identity', 'two-factor', 'admin-policy', 'openid'].map((app, at) => {
        const { id, firstSeenAt } = keys[at]!;
        return `${app} ${id} ${t('installation.currentKey')} ${t('installation.since', { time: timeOf(firstSeenAt!) })}`;
      }),
    );
    await screen.see(t('installation.neverVerified'));

    await Portal.make(stage.stack);
    await stage.stack.run('verify');
    await screen.page.reload();
    await screen.see(t('installation.intact'));
    const { verification } = (await stage.stack.operator.installation()).success();
    for (const text of [timeOf(verification!.at), String(verification!.events)]) {
      await screen.orTell(screen.page.getByRole('definition').filter({ hasText: text }).first().waitFor());
    }
    await lookAt('operator-installation', screen);
    await press(screen, screen.page.getByRole('link', { name: t('operator.title') }));
    await screen.seeHeading(t('operator.title'));
  });

  it('is of the operator alone', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await (await stage.open()).logIn(portal.admin);
    await screen.go('/operator/installation');
    await screen.field(t('operator.token')).waitFor();
  });

  it('says which app does not answer or stands still, and what is not known therefore', async () => {
    const screen = await stage.open();
    await screen.page.route(/\/v1\/installation$/, async (route) => {
      const response = await route.fetch();
      if (!response.ok()) return route.fulfill({ response });
      const { apps } = (await response.json()) as { apps: { app: string; consumers: { source: string }[] }[] };
      const told = apps.map((one) => {
        if (one.app === 'audit') return { app: 'audit', status: 'unreachable' };
        if (one.app !== 'identity') return one;
        const consumers = one.consumers.map((each, at) => ({ ...each, lag: 3, stalled: at === 0 }));
        return { ...one, status: 'consumer-stalled', consumers };
      });
      await route.fulfill({ response, json: { apps: told } });
    });
    await screen.go('/operator/installation');
    await screen.type(t('operator.token'), stage.stack.operatorToken);
    await screen.press(t('action.continue'));
    const [identity, , , audit] = await textsOf(screen, t('installation.apps'));
    expect(identity).toContain(t('installation.status.consumer-stalled'));
    expect(identity).toContain(t('installation.stalled', { source: 'two-factor' }));
    expect(identity).toContain(t('installation.behind', { source: 'two-factor', count: 3 }));
    expect(audit).toBe(`audit ${t('installation.status.unreachable')}`);
    await screen.see(t('installation.notKnown', { apps: 'audit' }));
    expect(await screen.page.getByText(t('installation.noDeadLetters')).count()).toBe(0);
    await screen.see(t('installation.verificationNotKnown'));
  });

  it('lists dead letters of all apps, the newest first, and says when keys and logs need the operator', async () => {
    await stage.stack.shutDown();
    await unhandled('identity', [5, 7]);
    await unhandled(
      'two-factor',
      Array.from({ length: 52 }, (_, i) => i + 6),
    );
    stage.stack.clock.advance(366 * 86_400);
    const outcome = { at: '2026-11-24T09:30:00.000Z', intact: false, events: 41, problems: 2, chainBreaks: 1 };
    writeFileSync(join(stage.stack.dataDir, 'last-verification.json'), JSON.stringify(outcome));
    await stage.stack.start();

    const screen = await asOperator();
    const letters = await textsOf(screen, t('installation.deadLetters'));
    expect(letters).toHaveLength(52);
    expect(letters[0]).toBe(
      [
        'TypeError two-factor',
        timeOf('2026-11-24T09:57:00.000Z'),
        t('installation.topic', { topic: 'twinlock.admin-policy.events' }),
        'admin-policy.settings-changed.v1',
        t('installation.event', { id: '0c9c3a0e-6c2f-4f0a-9e0f-57.1' }),
        t('installation.letter', { id: 'two-factor:admin-policy:57:0' }),
      ].join(' '),
    );
    expect(letters.at(-1)).toContain('identity:admin-policy:5:0');
    await screen.see(`${t('installation.deadLetterCount', { count: 54 })} ${t('installation.newest', { count: 52 })}`);
    await screen.see(t('installation.rotate', { apps: 'identity, two-factor, admin-policy, openid' }));
    await screen.see(t('installation.notIntact'));
    await screen.see(t('installation.broken'));
  });

  it.each([
    ['on a phone', { width: 375, height: 812 }, 'en-GB'],
    ['at 200 %', { width: 640, height: 450 }, 'de-DE'],
  ])('has nothing cut off, or over what has the focus, %s', async (_, viewport, locale) => {
    const words = wordsOf(locale.slice(0, 2));
    const screen = await asOperator({ viewport, locale }, words);
    await screen.see(words('installation.notIntact'));
    expect(await accessibilityFaults(screen.page)).toEqual([]);
    expect(await screen.page.evaluate<number>('document.documentElement.scrollWidth')).toBe(viewport.width);
    for (const key of ['Tab', 'Shift+Tab'] as const) expect(await coveredOnTheWay(screen.page, key)).toEqual([]);
  });
});
