import type { Endpoint } from '#libs/contracts/src/http/endpoint.js';
import { allEndpoints, callOf, type Named, sampleMember, sampleOf } from '#test/support/calls/samples.js';
import type { Api } from '#test/support/calls/client.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
let user: Person;
let named: Named;
/** The session of the portal's administrator that somebody else has: it proves nothing. */
let stolen: Api;
beforeAll(async () => {
  user = await portal.enrolled();
  named = { portal: portal.id, account: user.id, token: 'no-such-token' };
  const token = await portal.loginToken(portal.admin);
  stolen = stack.api.as((await stack.api.loginWithToken(portal.id, token)).success().accessToken);
});

/** The bodies with which a call needs the proof. */
function bodiesOf(endpoint: Endpoint): unknown[] {
  const { body } = sampleOf(endpoint, named);
  if (typeof endpoint.proof === 'string') return [body];
  return Object.entries(endpoint.proof.bodyWith).map(([member, values]) => {
    const value = Array.isArray(values) ? values[0] : sampleMember(endpoint, member, named);
    return { ...(body as object), [member]: value };
  });
}

const proving = allEndpoints.filter(({ proof }) => proof === 'always' || typeof proof === 'object');
const mayChange = allEndpoints.filter(({ allow, method }) => allow.includes('administrator') && method !== 'GET');

describe("a stolen administrator's session, without the password", () => {
  it.each(proving.map((endpoint) => [callOf(endpoint), endpoint] as const))('cannot %s', async (_, endpoint) => {
    const { method, path } = sampleOf(endpoint, named);
    for (const body of bodiesOf(endpoint)) {
      const answer = await stolen.raw(method, path, body);
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
        403,
        { code: 're-authentication-required', needs: ['password'] },
      ]);
    }
  });

  it('can change nothing else of the portal but what is listed here', () => {
    const others = mayChange.filter(({ proof }) => proof === 'never').map(({ operationId }) => operationId);
    // the worst that these do is a login more, or a code
    expect(others).toEqual(['endSessions', 'endSession', 'forgetBrowsers', 'forgetBrowser']);
  });

  it('makes no puppet that ends the second factor of its owner', async () => {
    const own = await Portal.make(stack);
    await own.admin.enrol();
    const token = await own.loginToken(own.admin);
    const thief = stack.api.as((await stack.api.loginWithToken(own.id, token)).success().accessToken);
    const puppet = { username: 'puppet', password: 'known to the thief', type: 'contributor' };
    (await thief.register(own.id, { ...puppet, admin: true })).refused('re-authentication-required');

    // one without rights it may make, and can do nothing with
    const { id } = (await thief.register(own.id, puppet)).success();
    (await thief.changeAccount(own.id, id, { admin: true })).refused('re-authentication-required');
    const session = (
      await stack.api.login({ portal: own.id, username: 'puppet', password: puppet.password })
    ).success();
    const api = stack.api.as(session.status === 'complete' ? session.accessToken : '');
    (await api.disableFor(own.id, own.admin.id)).refused('forbidden');

    // guesses at the proof are attempts like any other
    const { password } = own.admin.credentials;
    (await thief.reAuthenticate({ password: 'a guess', code: '000000' })).refused('invalid-credentials');
    (await thief.reAuthenticate({ password })).refused('re-authentication-required');
    (await thief.reAuthenticate({ password, code: own.admin.phone.wrongCode() })).refused('wrong-code');
    const before = await own.settings();
    (await thief.changeSettings(own.id, { ...before, enabled: false })).refused('re-authentication-required');
    expect(await own.settings()).toEqual(before);
    expect((await own.admin.enterPassword()).success().status).toBe('code-required');
  });
});
