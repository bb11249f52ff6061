import { ofType } from '#test/support/events.js';
import type { Api } from '#test/support/calls/client.js';
import { Portal } from '#test/support/people/portal.js';
import { useIdentityProvider, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const idp = useIdentityProvider();

const none = { issuer: null, audience: null, jwksUri: null, clientId: null, hasClientSecret: false };
const provider = { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' };

describe("the portal's identity provider", () => {
  it('R04 is read as it was set last, and is none before that', async () => {
    const portal = await Portal.make(stack);
    expect((await portal.api.sso(portal.id)).success()).toEqual(none);
    (await portal.api.changeSso(portal.id, provider)).success();
    expect((await portal.api.sso(portal.id)).success()).toEqual({ ...none, ...provider });
    (await portal.api.changeSso(portal.id, { ...provider, audience: 'portal' })).success();
    expect((await portal.api.sso(portal.id)).success()).toEqual({ ...none, ...provider, audience: 'portal' });
  });

  it('R04 R30 has a client whose secret is told by nobody and in no event, and goes with it', async () => {
    const portal = await Portal.make(stack);
    const secret = 'a planted client secret';
    const client = { ...provider, clientId: 'ours' };
    const shown = { ...client, hasClientSecret: true };
    expect((await portal.api.changeSso(portal.id, { ...client, clientSecret: secret })).success()).toEqual(shown);
    expect((await portal.api.changeSso(portal.id, client)).success()).toEqual(shown);
    (await portal.api.changeSso(portal.id, { ...client, clientId: 'another' })).success();
    (await portal.api.removeSso(portal.id)).success();
    (await portal.api.removeSso(portal.id)).success();
    expect((await portal.api.sso(portal.id)).success()).toEqual(none);
    const events = await portal.events('SsoRemoved');
    const told = [...ofType(events, 'SsoChanged'), ...ofType(events, 'SsoRemoved')];
    expect(told.map(({ data }) => data)).toMatchObject([
      { from: null, to: { ...client, clientSecretId: expect.any(String) } },
      { to: { ...provider, clientId: 'another' } },
      { from: { clientId: 'another' } },
    ]);
    expect(JSON.stringify(events)).not.toContain(secret);
  });

  it('R04 R28 is trusted no more by any login begun after it was removed', async () => {
    const portal = await Portal.make(stack);
    const person = await portal.register();
    await idp.serve(portal, person);
    const idToken = await idp.idToken(person);
    const { issuer, audience } = idp;
    (
      await portal.api.changeSso(portal.id, { issuer, audience, jwksUri: `${issuer}/jwks`, clientId: 'ours' })
    ).success();
    expect((await stack.api.ssoProvider(portal.id)).success()).toEqual({ provider: new URL(issuer).host });
    (await portal.api.removeSso(portal.id)).success();
    expect((await stack.api.ssoProvider(portal.id)).success()).toEqual({ provider: null });
    (await stack.api.startSsoLogin(portal.id)).refused('not-found');
    (await stack.api.loginWithSso(portal.id, idToken)).refused('invalid-credentials');
    await idp.serve(portal, person);
    (await stack.api.loginWithSso(portal.id, idToken)).success();
  });

  it('R04 has the subjects that were set while it was trusted: those of another are not shown, and are set again', async () => {
    const portal = await Portal.make(stack);
    const person = await portal.register();
    await idp.serve(portal, person);
    const shown = async () => (await portal.api.account(portal.id, person.id)).success().ssoSubject;
    expect(await shown()).toBe(person.id);
    (await portal.api.removeSso(portal.id)).success();
    expect(await shown()).toBeUndefined();
    (await portal.api.changeSso(portal.id, provider)).success();
    expect(await shown()).toBeUndefined();
    const again = (await portal.api.changeAccount(portal.id, person.id, { ssoSubject: person.id })).success();
    expect(again.ssoSubject).toBe(person.id);
    const { issuer, audience } = idp;
    (await portal.api.changeSso(portal.id, { issuer, audience, jwksUri: `${issuer}/jwks` })).success();
    expect(await shown()).toBeUndefined();
    (await stack.api.loginWithSso(portal.id, await idp.idToken(person))).refused('invalid-credentials');
  });

  it('R04 is told to anybody by its host alone, and no more where people are not sent to it or the portal does not exist', async () => {
    const portal = await Portal.make(stack);
    for (const id of [portal.id, 'no-such-portal']) {
      expect((await stack.api.ssoProvider(id)).success()).toEqual({ provider: null });
      (await stack.api.startSsoLogin(id)).refused('not-found');
    }
    (await portal.api.changeSso(portal.id, provider)).success();
    expect((await stack.api.ssoProvider(portal.id)).success()).toEqual({ provider: null });
    (await portal.api.changeSso(portal.id, { ...provider, clientId: 'ours' })).success();
    expect((await stack.api.ssoProvider(portal.id)).success()).toEqual({ provider: 'idp.example' });
  });

  it("R04 is nobody's to read but an administrator's", async () => {
    const portal = await Portal.make(stack);
    const stranger = await Portal.make(stack);
    const callers: [Api, 'unauthenticated' | 'forbidden' | 'not-found'][] = [
      [stack.api, 'unauthenticated'],
      [stack.operator, 'forbidden'],
      [(await portal.contributor()).api, 'forbidden'],
      [await portal.service('challenges', 'commands', 'events', 'accounts', 'erasure'), 'forbidden'],
      [stranger.api, 'not-found'],
    ];
    for (const [api, code] of callers) (await api.sso(portal.id)).refused(code);
  });
});
