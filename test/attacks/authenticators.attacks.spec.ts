import { entrances, everywhereAtOnce, noBackupCode, successes, times } from '#test/support/calls/entrances.js';
import type { Api } from '#test/support/calls/client.js';
import { Authenticator } from '#test/support/people/authenticator.js';
import { ofType, shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useGateway, useIdentityProvider, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const gateway = useGateway(portal);
const provider = useIdentityProvider();

async function withTwo() {
  const user = await portal.enrolled();
  const tablet = await user.addApp('Tablet');
  const [first, second] = (await user.authenticatorIds()) as [string, string];
  return { user, tablet, first, second };
}

describe("somebody else's authenticator", () => {
  it('is renamed and removed by nobody: no other user, administrator, service or operator, by no path', async () => {
    const { user, tablet, second } = await withTwo();
    const stranger = await portal.enrolled();
    const challenge = await user.challenge();
    const own = `/v1/me/authenticators/${second}`;
    const foreign = [
      `/v1/portals/${portal.id}/accounts/${user.id}/authenticators/${second}`,
      `/v1/portals/${portal.id}/accounts/${user.id}/authenticators`,
      `/v1/accounts/${user.id}/authenticators/${second}`,
      `/v1/me/authenticators/${second}/`,
      `/v1/me/authenticators/..%2F..%2F${user.id}%2Fauthenticators%2F${second}`,
    ];
    const none = { 'another user': stranger.api, 'an administrator': portal.admin.api };
    const others = {
      operator: stack.operator,
      service: await portal.service('challenges', 'commands', 'events', 'accounts', 'erasure'),
    };
    const ways: [string, Api, number][] = [
      ...Object.entries(none).map(([who, api]): [string, Api, number] => [who, api, 404]),
      ...Object.entries(others).map(([who, api]): [string, Api, number] => [who, api, 403]),
      ['nobody', stack.api, 401],
      ['who has the password alone', stack.api.as(challenge), 401],
    ];
    for (const [who, api, status] of ways) {
      for (const [method, body] of [['PATCH', { name: 'Mine' }], ['DELETE']] as const) {
        expect([who, method, (await api.raw(method, own, body)).status]).toEqual([who, method, status]);
        for (const path of foreign)
          expect([401, 404, 400, 405, 403]).toContain((await api.raw(method, path, body)).status);
      }
      for (const path of foreign) expect((await api.raw('GET', path)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await user.api.authenticators()).success().authenticators.map(({ name }) => name)).toEqual([
      'Authenticator app',
      'Tablet',
    ]);
    (await user.enterCode(tablet.freshCode())).success();
    const events = (await portal.eventsOf(user, 'AttemptSucceeded')).map(shortType);
    expect(events).not.toEqual(expect.arrayContaining(['AuthenticatorRenamed']));
    expect(events).not.toEqual(expect.arrayContaining(['AuthenticatorRemoved']));
  });

  it('is listed to nobody: no answer about the account tells ids or names', async () => {
    const { user, first, second } = await withTwo();
    const told = await portal.api.raw('GET', `/v1/portals/${portal.id}/accounts/${user.id}`);
    expect(told.status).toBe(200);
    for (const known of [first, second, 'Tablet']) expect(told.text).not.toContain(known);
    expect(await portal.admin.authenticatorIds()).toEqual([]);
  });
});

describe('a session without both factors', () => {
  const made: [string, (user: Person) => Promise<Api>][] = [
    [
      'of a login token, which an administrator can make,',
      async (user) => {
        const token = await portal.loginToken(user);
        return stack.api.as((await stack.api.loginWithToken(portal.id, token)).success().accessToken);
      },
    ],
    [
      'of SSO',
      async (user) => {
        await provider.serve(portal, user);
        const idToken = await provider.idToken(user);
        return stack.api.as((await stack.api.loginWithSso(portal.id, idToken)).success().accessToken);
      },
    ],
    [
      'whose proof is old',
      async (user) => {
        const token = await user.secondSession();
        stack.clock.minutes(11);
        return stack.api.as(token);
      },
    ],
  ];

  it.each(made)('%s adds none and removes none, not one and not the last', async (_, session) => {
    const { user, first, second } = await withTwo();
    const { otpauthUri, setupId } = (await user.api.addTotp('Third')).success();
    const app = new Authenticator(otpauthUri, stack.clock);
    const thief = await session(user);
    const { password } = user.credentials;
    const calls = () => [
      thief.addTotp('Mine'),
      thief.confirmTotp(app.freshCode(), setupId),
      thief.removeAuthenticator(first),
      thief.removeAuthenticator(second),
    ];
    for (const call of calls()) {
      expect((await call).refused('re-authentication-required').needs).toEqual(['password', 'code']);
    }
    // the password alone, and what is no code of it
    (await thief.reAuthenticate({ password })).refused('re-authentication-required');
    (await thief.reAuthenticate({ password, code: app.freshCode() })).refused('wrong-code');
    (await thief.reAuthenticate({ password, backupCode: noBackupCode })).refused('wrong-code');
    for (const call of calls()) (await call).refused('re-authentication-required');

    await user.reAuthenticate();
    (await user.api.removeAuthenticator(second)).success();
    // that was another session: it has ended
    (await thief.removeAuthenticator(first)).refused('session-ended');
    expect(await user.authenticatorIds()).toEqual([first]);
  });
});

describe('guessing at three apps', () => {
  it('30 wrong codes over every entrance at once get no more than the limit, and lock once', async () => {
    const user = await portal.enrolled();
    for (const name of ['Two', 'Three']) await user.addApp(name);
    const answers = await everywhereAtOnce(user, gateway, { code: user.phone.wrongCode() });
    expect(successes(answers)).toBe(0);
    expect(answers.filter(({ code }) => code === 'wrong-code')).toHaveLength(4);
    const events = await portal.eventsBeforeUnlock(user);
    expect(ofType(events, 'AttemptFailed')).toHaveLength(5);
    expect(ofType(events, 'AccountLocked')).toHaveLength(1);
  });

  it('the same code of one app, 30 times over two entrances, is right once', async () => {
    const own = await Portal.make(stack, { maxFailedAttempts: 100 });
    const itsGateway = await own.service('challenges');
    const user = await own.enrolled();
    const tablet = await user.addApp('Tablet');
    const at = await times(15, () => entrances(user, itsGateway));
    const code = tablet.freshCode();
    const answers = await Promise.all(
      at.flatMap(({ loginWithCode, verifyChallenge }) => [loginWithCode({ code }), verifyChallenge({ code })]),
    );
    expect(successes(answers)).toBe(1);
    expect(ofType(await own.eventsOf(user, 'AttemptSucceeded'), 'AttemptSucceeded')).toHaveLength(1);
  });

  it('a new app refills nothing, nor does taking one away', async () => {
    const { user, second } = await withTwo();
    (await user.fail(4)).refused('wrong-code');
    (await user.api.removeAuthenticator(second)).success();
    await user.addApp('Another');
    (await user.enterCode(user.phone.wrongCode())).refused('account-locked');
  });
});
