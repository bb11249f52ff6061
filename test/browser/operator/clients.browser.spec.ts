import { generateKeyPairSync } from 'node:crypto';
import { Portal } from '#test/support/people/portal.js';
import { focusIsOn, press } from '../support/focus.js';
import type { Screen } from '../support/person-at-a-browser.js';
import { useStage } from '../support/stage.js';
import { t, wordsOf } from '../support/words.js';

const stage = useStage();

const asOperator = async (portal: Portal): Promise<Screen> => {
  const screen = await stage.openAsOperator(`/operator/portals/${portal.id}`);
  await press(screen, screen.page.getByRole('link', { name: t('clients.title') }));
  await screen.seeHeading(t('clients.of', { portal: portal.id }));
  return screen;
};
const rows = ({ page }: Screen) => page.getByRole('list', { name: t('clients.title') }).getByRole('listitem');
const registered = async ({ id }: Portal) => (await stage.stack.operator.clients(id)).success().clients;

describe("a portal's applications", () => {
  it('are registered by the operator, their secret shown once, and removed after a question', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asOperator(portal);
    await screen.see(t('clients.none'));
    expect(await screen.page.getByTestId('issuer').innerText()).toBe(`${stage.stack.origin}/p/${portal.id}`);
    await screen.press(t('clients.register'));
    expect(await screen.page.getByText(t('field.missing')).count()).toBe(2);
    await screen.type(t('clients.name'), 'Intranet');
    await screen.type(
      t('clients.redirectUris'),
      '\nhttps://intranet.example/callback\n  https://intranet.example/silent\n',
    );
    await screen.type(t('clients.postLogoutRedirectUris'), 'https://intranet.example/');
    await press(screen, t('clients.register'));
    const shown = screen.page.getByTestId('shown-once');
    await screen.orTell(shown.waitFor());
    const secret = await shown.innerText();
    expect(secret).toMatch(/^cls_/);
    const [{ clientId } = { clientId: '' }] = await registered(portal);
    await screen.see(clientId);
    await focusIsOn(screen, t('shownOnce.copy'));
    await press(screen, t('shownOnce.copy'));
    expect(await screen.page.evaluate<string>('navigator.clipboard.readText()')).toBe(secret);
    await press(screen, t('shownOnce.done'));
    await shown.waitFor({ state: 'detached' });
    expect(await screen.page.content()).not.toContain(secret);
    expect(await screen.field(t('clients.redirectUris')).inputValue()).toBe('');
    expect(await registered(portal)).toMatchObject([
      {
        name: 'Intranet',
        redirectUris: ['https://intranet.example/callback', 'https://intranet.example/silent'],
        postLogoutRedirectUris: ['https://intranet.example/'],
        public: false,
        jwks: false,
      },
    ]);

    const row = rows(screen);
    for (const text of [clientId, t('clients.proves.secret.label'), 'https://intranet.example/silent'])
      await row.getByText(text).waitFor();
    await row.getByText(t('serviceTokens.neverUsed')).waitFor();
    await press(screen, row.getByRole('button'));
    await screen.see(t('clients.askRemoveWhat'));
    await press(screen, t('action.cancel'));
    expect(await registered(portal)).toHaveLength(1);
    await press(screen, row.getByRole('button'));
    await press(screen, t('clients.remove'));
    await screen.see(t('clients.removed', { name: 'Intranet' }));
    await screen.see(t('clients.none'));
    expect(await registered(portal)).toEqual([]);
  });

  it('keep no secret, or sign and may hand people over; no secret is shown then', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asOperator(portal);
    await screen.type(t('clients.name'), 'Mobile app');
    await screen.type(t('clients.redirectUris'), 'https://app.example/callback');
    await screen.choose(t('clients.kind'), t('clients.proves.public.label'));
    await screen.press(t('clients.register'));
    await screen.see(t('clients.registeredTold', { name: 'Mobile app' }));

    await screen.type(t('clients.name'), 'Gateway');
    await screen.type(t('clients.redirectUris'), 'https://gateway.example/callback');
    await screen.choose(t('clients.kind'), t('clients.proves.signs.label'));
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (const wrong of ['no JSON', JSON.stringify({ keys: [privateKey.export({ format: 'jwk' })] })]) {
      await screen.type(t('clients.jwks'), wrong);
      await screen.press(t('clients.register'));
      await screen.see(t('malformed.client.jwks'));
      await focusIsOn(screen, 'jwks');
    }
    await screen.type(t('clients.jwks'), JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }));
    await screen.page.getByRole('checkbox').focus();
    await screen.page.keyboard.press('Space');
    await screen.press(t('clients.register'));
    await screen.see(t('clients.registeredTold', { name: 'Gateway' }));
    expect(await screen.page.getByTestId('shown-once').count()).toBe(0);
    expect(await registered(portal)).toMatchObject([
      { name: 'Mobile app', public: true, vouches: false },
      { name: 'Gateway', public: false, jwks: true, vouches: true },
    ]);
    await rows(screen).getByText(t('clients.vouches.label')).waitFor();
  });

  it('have addresses that are looked at one by one', async () => {
    const portal = await Portal.make(stage.stack);
    const screen = await asOperator(portal);
    await screen.type(t('clients.name'), 'Intranet');
    await screen.type(t('clients.redirectUris'), 'https://intranet.example/\nhttp://intranet.example/');
    await screen.press(t('clients.register'));
    await screen.see(t('malformed.client.redirectUrisAt', { number: 2 }));
    await focusIsOn(screen, 'redirectUris');
    expect(await registered(portal)).toEqual([]);
  });

  it('are seen by an administrator, who hears of each as it comes, and changes none', async () => {
    const portal = await Portal.make(stage.stack);
    const de = wordsOf('de');
    const path = `/p/${portal.id}/settings/security`;
    const screen = await (await stage.open()).logIn(portal.admin, `/login?next=${encodeURIComponent(path)}`);
    await screen.see(t('clients.none'));
    const client = { name: 'Intranet', redirectUris: ['https://intranet.example/callback'] };
    (await stage.stack.operator.registerClient(portal.id, client)).success();
    await rows(screen).getByText('https://intranet.example/callback').waitFor();
    expect(await rows(screen).getByRole('button').count()).toBe(0);
    await screen.go(`/operator/portals/${portal.id}/clients`);
    await screen.field(t('operator.token')).waitFor();
    const german = await stage.openAsOperator(`/operator/portals/${portal.id}/clients`, { locale: 'de-DE' }, de);
    await german.see(de('clients.proves.secret.label'));
  });
});
