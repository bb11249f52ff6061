import type { Api } from '#test/support/calls/client.js';
import { shortType } from '#test/support/events.js';
import type { Answer } from '#test/support/calls/http.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useIdentityProvider, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const provider = useIdentityProvider();
let user: Person;
beforeAll(async () => {
  user = await portal.enrolled();
});

type Call = (api: Api) => Promise<Answer<unknown>>;
const newAccount = { password: 'long enough', type: 'contributor' };
const sso = { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' };

/** What weakens the authentication of others. */
const weakening: Record<string, Call> = {
  'turning 2FA off for the portal': async (api) =>
    api.changeSettings(portal.id, await portal.settings({ enabled: false })),
  'changing the limit': async (api) => api.changeSettings(portal.id, await portal.settings({ maxFailedAttempts: 100 })),
  'changing the identity provider': (api) => api.changeSso(portal.id, sso),
  'removing the identity provider': (api) => api.removeSso(portal.id),
  'registering an administrator': (api) => api.register(portal.id, { ...newAccount, username: 'eve', admin: true }),
  'appointing an administrator': (api) => api.changeAccount(portal.id, user.id, { admin: true }),
  'removing an administrator': (api) => api.changeAccount(portal.id, user.id, { admin: false }),
  "changing another's type": (api) => api.changeAccount(portal.id, user.id, { type: 'power-reader' }),
  "changing another's e-mail": (api) => api.changeAccount(portal.id, user.id, { email: 'eve@example.org' }),
  "removing another's e-mail": (api) => api.changeAccount(portal.id, user.id, { email: null }),
  "changing another's SSO subject": (api) => api.changeAccount(portal.id, user.id, { ssoSubject: 'eve' }),
  'changing it beside a name': (api) => api.changeAccount(portal.id, user.id, { displayName: 'x', ssoSubject: 'eve' }),
  unlocking: (api) => api.unlock(portal.id, user.id),
  suspending: (api) => api.suspend(portal.id, user.id),
  resuming: (api) => api.resume(portal.id, user.id),
  "disabling another's 2FA": (api) => api.disableFor(portal.id, user.id),
  'a login token': (api) => api.issueLoginToken(portal.id, user.id),
};
const harmless: Record<string, Call> = {
  'reading the settings': (api) => api.settings(portal.id),
  'reading accounts': (api) => api.accounts(portal.id),
  'reading events': (api) => api.events(portal.id),
  'registering a Contributor': (api) => api.register(portal.id, { ...newAccount, username: `c-${Math.random()}` }),
  'registering one who is said to be no administrator': (api) =>
    api.register(portal.id, { ...newAccount, username: `c-${Math.random()}`, admin: false }),
  "changing another's name": (api) => api.changeAccount(portal.id, user.id, { displayName: 'Another Name' }),
};

async function proofless(by: 'a login token' | 'SSO', own: Portal, person: Person): Promise<Api> {
  if (by === 'SSO') await provider.serve(own, person);
  const { accessToken } = (
    by === 'SSO'
      ? await stack.api.loginWithSso(own.id, await provider.idToken(person))
      : await stack.api.loginWithToken(own.id, await own.loginToken(person))
  ).success();
  return stack.api.as(accessToken);
}

/** All that is recorded but logins and re-authentications. */
async function changes(): Promise<string[]> {
  const types = (await portal.allEvents()).map(shortType);
  return types.filter((type) => !['LoginSucceeded', 'ReAuthenticated'].includes(type));
}
const needs = (answer: Answer<unknown>) => answer.refused('re-authentication-required').needs;

describe('an administrator without a fresh proof', () => {
  it.each(['a login token', 'SSO'] as const)('R14 by %s weakens the authentication of nobody', async (by) => {
    const api = await proofless(by, portal, portal.admin);
    const before = await changes();
    for (const [what, call] of Object.entries(weakening)) {
      expect([what, needs(await call(api))]).toEqual([what, ['password']]);
    }
    expect(await changes()).toEqual(before);
    for (const call of Object.values(harmless)) (await call(api)).success();
  });

  it('R14 has it no more 10 minutes after the login, and has it again by the password', async () => {
    const { api, credentials } = await portal.admin.signIn();
    stack.clock.advance(590);
    (await api.issueLoginToken(portal.id, user.id)).success();
    stack.clock.advance(11);
    for (const [what, call] of Object.entries(weakening)) {
      expect([what, needs(await call(api))]).toEqual([what, ['password']]);
    }
    for (const call of Object.values(harmless)) (await call(api)).success();
    (await api.reAuthenticate({ password: credentials.password })).success();
    (await api.issueLoginToken(portal.id, user.id)).success();
    (await api.changeAccount(portal.id, user.id, { email: 'user@example.org' })).success();
  });

  it('R14 needs a code too while 2FA is active: the password alone, before it was, is half of the proof', async () => {
    const second = await (await portal.register({ admin: true })).signIn();
    const passwordOnly = stack.api.as(await second.secondSession());
    await second.enrol();
    const tokenMade = await proofless('a login token', portal, second);
    for (const [what, call] of Object.entries(weakening)) {
      expect([what, needs(await call(passwordOnly))]).toEqual([what, ['code']]);
      expect([what, needs(await call(tokenMade))]).toEqual([what, ['password', 'code']]);
    }
    const { password } = second.credentials;
    expect(needs(await tokenMade.reAuthenticate({ password }))).toEqual(['code']);
    for (const api of [passwordOnly, tokenMade]) {
      (await api.reAuthenticate({ password, code: second.phone.freshCode() })).success();
      (await api.issueLoginToken(portal.id, user.id)).success();
    }
    // the session that confirmed has passed a code
    (await second.api.issueLoginToken(portal.id, user.id)).success();
  });
});

describe('the proof of an administrator', () => {
  it('R14 is asked for after what is wrong with the call, and before the state is told', async () => {
    const api = await proofless('a login token', portal, portal.admin);
    (await api.changeSettings(portal.id, { enabled: 'no' })).refused('malformed-request');
    (await api.changeSettings('p-nowhere', await portal.settings())).refused('not-found');
    const plain = await proofless('a login token', portal, user);
    (await plain.unlock(portal.id, user.id)).refused('forbidden');
    expect(needs(await api.unlock(portal.id, 'nobody'))).toEqual(['password']);
    (await portal.api.unlock(portal.id, 'nobody')).refused('not-found');
    (await portal.api.unlock(portal.id, user.id)).refused('not-locked');
  });

  it('R14 is not asked of the operator and of service tokens, which are no person’s session', async () => {
    const own = await Portal.make(stack);
    const locked = await (await own.enrolled()).lock();
    const tool = await own.service('commands');
    (await tool.unlock(own.id, locked.id)).success();
    (await tool.disableFor(own.id, locked.id)).success();
    await own.admin.enrol();
    await own.admin.lock();
    (await stack.operator.unlock(own.id, own.admin.id)).success();
    (await stack.operator.disableFor(own.id, own.admin.id)).success();
  });
});
