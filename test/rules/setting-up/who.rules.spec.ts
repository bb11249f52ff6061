import { twoFactorRequests } from '#libs/contracts/src/messages/requests.js';
import { allEndpoints } from '#test/support/calls/samples.js';
import type { Api } from '#test/support/calls/client.js';
import { Portal } from '#test/support/people/portal.js';
import { IdentityProvider } from '#test/support/people/sso.js';
import { useProduct } from '#test/support/use-stack.js';

const stack = useProduct();

/** The calls that change what a user has set up. */
const changes = (api: Api) => [
  () => api.addTotp('Tablet'),
  () => api.confirmTotp('000000'),
  () => api.removeAuthenticator('any'),
  () => api.setUp(),
  () => api.confirm('000000'),
  () => api.disable(),
  () => api.reset(),
  () => api.newBackupCodes(),
];

describe("setting up is the user's alone", () => {
  it('R07 no administrator, operator or service has a call for it', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.contributor();
    const there = `/v1/portals/${portal.id}/accounts/${user.id}`;
    const others = [stack.operator, await portal.service('challenges', 'commands', 'events')];
    for (const api of [portal.api, ...others]) {
      for (const call of ['setup', 'confirm', 'enable', 'reset', 'backup-codes']) {
        expect((await api.raw('POST', `${there}/two-factor/${call}`, {})).status).toBe(404);
      }
    }
    for (const api of others) for (const change of changes(api)) (await change()).refused('forbidden');
    (await portal.api.changeAccount(portal.id, user.id, { twoFactor: { status: 'enabled' } })).refused(
      'malformed-request',
    );
    expect((await user.api.myTwoFactor()).success().status).toBe('none');
  });

  it('R07 the published interface has no such call', async () => {
    const document = JSON.parse((await stack.api.raw('GET', '/openapi.json')).text) as {
      paths: Record<string, object>;
    };
    const changes = (path: string) => Object.keys(document.paths[path]!).some((method) => method !== 'get');
    const paths = Object.keys(document.paths).filter(
      (path) => path.includes('two-factor') && !path.startsWith('/v1/me/') && changes(path),
    );
    expect(paths.map((path) => path.replaceAll(/\{\w+\}/g, '{}')).sort()).toEqual([
      '/v1/portals/{}/accounts/{}/two-factor/disable',
      '/v1/portals/{}/settings/two-factor',
    ]);
  });

  it('R07 what it shows is shown to its session alone: no call that names an account answers with a secret or backup codes', () => {
    const telling = allEndpoints.filter(({ reply }) => {
      const shape = JSON.stringify('shape' in reply ? Object.keys(reply.shape as object) : []);
      return /otpauthUri|manualKey|qrCode|"backupCodes"/.test(shape);
    });
    expect(telling.map(({ operationId }) => operationId).sort()).toEqual([
      'addTotpAuthenticator',
      'confirmTotpAuthenticator',
      'confirmTwoFactor',
      'issueBackupCodes',
      'resetTwoFactor',
      'setUpTwoFactor',
    ]);
    for (const { path, allow } of telling) expect([path.includes(':'), allow]).toEqual([false, ['session']]);
  });

  it('R07 no request on the bus does it', () => {
    const patterns = Object.values(twoFactorRequests).map(({ pattern }) => pattern);
    expect(patterns).toContain('two-factor.user.disable');
    expect(patterns.filter((pattern) => /set-?up|enable|confirm|reset|backup|secret|issue/.test(pattern))).toEqual([]);
  });

  it('R07 a session of a login token or of SSO is not proof enough', async () => {
    const portal = await Portal.make(stack);
    const provider = await IdentityProvider.start();
    try {
      const user = await portal.register();
      await provider.serve(portal, user);
      const sessions = [
        (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success(),
        (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).success(),
      ];
      for (const { accessToken } of sessions) {
        const refusal = (await stack.api.as(accessToken).setUp()).refused('re-authentication-required');
        expect(refusal.needs).toEqual(['password']);
        expect((await stack.api.as(accessToken).myTwoFactor()).success().status).toBe('none');
      }
    } finally {
      await provider.stop();
    }
  });
});

describe('Power Readers', () => {
  it('R08 get a clear refusal', async () => {
    const portal = await Portal.make(stack);
    const { api } = await portal.powerReader();
    expect((await api.myTwoFactor()).success()).toEqual({
      status: 'none',
      configurable: false,
      reason: 'contributors-only',
      backupCodesLeft: 0,
    });
    for (const change of changes(api))
      expect((await change()).refused('contributors-only').detail).toContain('Contributor');
  });

  it('R08 who were Contributors are asked for no code; made Contributors again, the old setup counts again', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.enrolled();
    (await portal.api.changeAccount(portal.id, user.id, { type: 'power-reader' })).success();
    expect((await user.enterPassword()).success().status).toBe('complete');
    for (const change of changes(user.api)) (await change()).refused('contributors-only');

    (await portal.api.changeAccount(portal.id, user.id, { type: 'contributor' })).success();
    expect((await user.api.myTwoFactor()).success()).toEqual({
      status: 'enabled',
      configurable: true,
      backupCodesLeft: 10,
    });
    (await user.enterCode(user.phone.wrongCode())).refused('wrong-code');
    (await user.enterCode(user.phone.freshCode())).success();
    (await user.enterBackupCode(user.backupCodes[0] as string)).success();
  });

  it('R08 are refused also what they had begun as Contributors', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.contributor();
    await user.beginSetUp();
    (await portal.api.changeAccount(portal.id, user.id, { type: 'power-reader' })).success();
    (await user.api.confirm(user.phone.freshCode())).refused('contributors-only');
    (await user.api.changeAccount(portal.id, user.id, { type: 'contributor' })).refused('forbidden');
    (await user.api.changeAccount(portal.id, user.id, { admin: true })).refused('forbidden');
    (await portal.api.changeAccount(portal.id, user.id, { type: 'contributor' })).success();
    (await user.api.confirm(user.phone.freshCode())).success();
  });
});

describe('while 2FA is off for the portal', () => {
  it('R09 the user sees the present state', async () => {
    const portal = await Portal.make(stack);
    const [none, pending, enabled] = [await portal.contributor(), await portal.contributor(), await portal.enrolled()];
    await pending.beginSetUp();
    await portal.set({ enabled: false });

    const off = { configurable: false, reason: 'portal-off' };
    expect((await none.api.myTwoFactor()).success()).toEqual({ status: 'none', ...off, backupCodesLeft: 0 });
    expect((await pending.api.myTwoFactor()).success()).toEqual({ status: 'pending', ...off, backupCodesLeft: 0 });
    expect((await enabled.api.myTwoFactor()).success()).toEqual({ status: 'enabled', ...off, backupCodesLeft: 10 });
  });

  it('R09 the user cannot set up, confirm, disable, reset or make backup codes, whatever the state', async () => {
    const portal = await Portal.make(stack);
    const users = [await portal.contributor(), await portal.contributor(), await portal.enrolled()];
    await users[1]?.beginSetUp();
    await portal.set({ enabled: false });
    for (const { api } of users) {
      for (const change of changes(api))
        expect((await change()).refused('portal-off').detail).toMatch(/off for the portal/i);
    }
    await portal.set({ enabled: true });
    expect((await users[2]?.api.myTwoFactor())?.success()).toMatchObject({ status: 'enabled', backupCodesLeft: 10 });
  });

  it("R09 the reasons come in order: the account's type, the add-on, the setting", async () => {
    const portal = await Portal.make(stack, { addOn: false });
    const [reader, contributor] = [await portal.powerReader(), await portal.contributor()];
    const reasons = async () => {
      const seen = [];
      for (const { api } of [reader, contributor]) {
        const { reason } = (await api.myTwoFactor()).success();
        const codes = await Promise.all(changes(api).map(async (change) => (await change()).code));
        seen.push(reason);
        if (reason !== undefined) expect(new Set(codes)).toEqual(new Set([reason]));
      }
      return seen;
    };
    expect(await reasons()).toEqual(['contributors-only', 'add-on-required']);
    (await stack.operator.grantAddOn(portal.id)).success();
    expect(await reasons()).toEqual(['contributors-only', 'portal-off']);
    await portal.set({ enabled: true });
    expect(await reasons()).toEqual(['contributors-only', undefined]);
    (await stack.operator.revokeAddOn(portal.id)).success();
    expect(await reasons()).toEqual(['contributors-only', 'add-on-required']);
  });

  it('R09 the reason comes before the proof: a stale session learns that 2FA is off', async () => {
    const portal = await Portal.make(stack);
    const user = await portal.contributor();
    await portal.set({ enabled: false });
    stack.clock.minutes(11);
    for (const change of changes(user.api)) (await change()).refused('portal-off');
  });
});
