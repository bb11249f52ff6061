import { openEmbeddedEngine } from '#libs/engine/src/embedded/open.js';
import { context, type IdentityParts, openIdentityParts } from '../testing/identity-parts.js';

const portal = 'demo';
const ref = { portal, accountId: 'a1' };
const idp = { issuer: 'https://idp.example', audience: 'twinlock', jwksUri: 'https://idp.example/jwks' };

let parts: IdentityParts;
beforeEach(async () => {
  parts = await openIdentityParts(openEmbeddedEngine);
  await parts.portals.execute(portal, context, { type: 'Create', administrator: 'a2' });
  await parts.register(ref, 'alice');
  await parts.administrators.appoint(await parts.accounts.get(ref), context);
});
afterEach(() => parts.close());

const change = async (changes: object) => parts.changer.record(await parts.accounts.get(ref), changes, context);

test('a subject is refused where the portal has no provider, and nothing that is asked for beside it is done', async () => {
  const asked = change({ ssoSubject: '42', admin: false, username: 'carol' });
  await expect(asked).rejects.toMatchObject({
    code: 'malformed-request',
    extras: { errors: [{ field: 'ssoSubject' }] },
  });
  const account = await parts.accounts.get(ref);
  expect(account.profile).toMatchObject({ username: 'alice', sso: null });
  expect(await parts.portals.isAdministrator(account)).toBe(true);
  expect(await parts.ssoSubjects.find(portal, '42')).toBeNull();
});

test('a subject belongs to the provider of the moment, and is taken away without one', async () => {
  await parts.sso.adopt(portal, 1, idp);
  await change({ ssoSubject: '42' });
  expect((await parts.accounts.get(ref)).profile.sso).toEqual({ subject: '42', issuer: idp.issuer });
  await parts.sso.adopt(portal, 2, null);
  await change({ displayName: 'Alice' });
  expect((await parts.accounts.get(ref)).profile.sso).toEqual({ subject: '42', issuer: idp.issuer });
  await change({ ssoSubject: null });
  expect((await parts.accounts.get(ref)).profile.sso).toBeNull();
});
