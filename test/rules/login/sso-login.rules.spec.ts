import { ofType } from '#test/support/events.js';
import { HandBrowser } from '#test/support/people/hand-browser.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

// of its own: the library of the provider goes by the system's clock, which nobody sets
const stack = useStack();
const portal = usePortal(stack);
/** Whose OpenID Provider the portal trusts. */
let elsewhere: Portal;
const callback = () => `/console/sso/callback/${portal.id}`;

beforeAll(async () => {
  elsewhere = await Portal.make(stack);
  const redirectUris = [stack.origin + callback()];
  const { clientId, clientSecret = '' } = (
    await stack.operator.registerClient(elsewhere.id, { name: 'The portal', redirectUris })
  ).success();
  const issuer = `${stack.origin}/p/${elsewhere.id}`;
  const provider = { issuer, audience: clientId, jwksUri: `${issuer}/jwks`, clientId, clientSecret };
  (await portal.api.changeSso(portal.id, provider)).success();
});

/** As the provider knows somebody. */
async function known(person: Person): Promise<Person> {
  const there = await elsewhere.register();
  (await portal.api.changeAccount(portal.id, person.id, { ssoSubject: there.id })).success();
  return there;
}

/** In a browser that is sent to the provider, logs in there, and comes back. */
async function logIn(
  there: Person,
  browser = new HandBrowser(stack.origin, ({ pathname }) => pathname === callback()),
) {
  const { body } = await browser.call('/console/api/v1/login/sso/start', { portal: portal.id });
  const { url } = await browser.authorize(String(body.authorizationUrl), there);
  const answer = Object.fromEntries(url.searchParams);
  const ended = await browser.call('/console/api/v1/login/sso/complete', { portal: portal.id, ...answer });
  const me = await browser.call('/console/api/v1/me');
  return { status: ended.status, code: ended.body.code, id: me.body.id, portal: me.body.portal };
}

describe("logins by the portal's provider, from the login page", () => {
  it('R19 ask for no code, with 2FA active', async () => {
    const user = await portal.enrolled();
    expect(await logIn(await known(user))).toEqual({ status: 200, code: undefined, id: user.id, portal: portal.id });
    expect((await user.enterPassword()).success().status).toBe('code-required');
    const events = ofType(await portal.events('LoginSucceeded'), 'LoginSucceeded');
    expect(events.filter(({ account }) => account === user.id).at(-1)!.data).toMatchObject({ method: 'sso' });
  });

  it('R14 prove nothing', async () => {
    const user = await portal.contributor();
    const browser = new HandBrowser(stack.origin, ({ pathname }) => pathname === callback());
    await logIn(await known(user), browser);
    const { status, body } = await browser.call('/console/api/v1/me/two-factor/setup', {});
    expect([status, body.code, body.needs]).toEqual([403, 're-authentication-required', ['password']]);
  });

  it('R23 of a locked account are refused as such, and R41 of a suspended one', async () => {
    const [locked, suspended] = [await portal.enrolled(), await portal.register()];
    const [one, other] = [await known(locked), await known(suspended)];
    await locked.lock();
    expect(await logIn(one)).toMatchObject({ status: 423, code: 'account-locked' });
    (await portal.api.suspend(portal.id, suspended.id)).success();
    expect(await logIn(other)).toMatchObject({ status: 423, code: 'account-suspended' });
  });

  it('R42 of a deleted account are refused like those of nobody', async () => {
    const user = await portal.register();
    const there = await known(user);
    (await portal.api.deleteAccount(portal.id, user.id)).success();
    const stranger = await elsewhere.register();
    for (const one of [there, stranger])
      expect(await logIn(one)).toMatchObject({ status: 401, code: 'invalid-credentials' });
  });
});
