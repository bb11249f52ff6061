import type { ReadableEvent } from '#libs/contracts/src/events/readable.js';
import { randomUUID } from 'node:crypto';
import { checkStreams, shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useGateway, useIdentityProvider, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const provider = useIdentityProvider();
const gateway = useGateway(portal);

const remove = async (user: Person, own = portal) => (await own.api.deleteAccount(own.id, user.id)).success();
const exported = async (own: Portal): Promise<ReadableEvent[]> => {
  await own.allEvents();
  const { text } = await own.api.raw('GET', `/v1/portals/${own.id}/events/export?format=ndjson`);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ReadableEvent);
};

describe('a deleted account', () => {
  it('R42 is logged in to by no way again, and has no session, challenge or token', async () => {
    const user = await portal.enrolled();
    await provider.serve(portal, user);
    const [token, open, atGateway] = [
      await portal.loginToken(user),
      await user.challenge(),
      await user.challengeAt(gateway),
    ];
    await remove(user);

    (await user.enterPassword()).refused('invalid-credentials');
    (await stack.api.sendCode(open, { code: user.phone.freshCode() })).refused('challenge-ended');
    (await stack.api.sendCode(open, { backupCode: user.backupCodes[0] as string })).refused('challenge-ended');
    (await stack.api.loginWithToken(portal.id, token)).refused('invalid-credentials');
    (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).refused('invalid-credentials');
    (await gateway.verifyChallenge(atGateway, { code: user.phone.freshCode() })).refused('challenge-ended');
    (await user.api.me()).refused('session-ended');
    (await user.api.myTwoFactor()).refused('session-ended');
  });

  it('R42 is answered 410 at every call that names it, and 204 when it is deleted again', async () => {
    const user = await portal.enrolled();
    await remove(user);
    for (const call of [
      portal.api.account(portal.id, user.id),
      portal.api.changeAccount(portal.id, user.id, { displayName: 'X' }),
      portal.api.suspend(portal.id, user.id),
      portal.api.resume(portal.id, user.id),
      portal.api.unlock(portal.id, user.id),
      portal.api.disableFor(portal.id, user.id),
      portal.api.issueLoginToken(portal.id, user.id),
      portal.api.sessionsOf(portal.id, user.id),
      gateway.openChallenge(portal.id, user.id),
    ]) {
      (await call).refused('account-deleted');
    }
    await remove(user);
    const found = (await portal.api.accounts(portal.id, { query: user.credentials.username })).success();
    expect(found.accounts).toEqual([]);
  });

  it('R42 leaves its username free, and its id never', async () => {
    const user = await portal.contributor();
    await remove(user);
    const next = await portal.register({ username: user.credentials.username });
    expect(next.id).not.toBe(user.id);
    await next.signIn();
    (await portal.api.account(portal.id, user.id)).refused('account-deleted');
    const found = (await portal.api.accounts(portal.id, { query: user.credentials.username })).success();
    expect(found.accounts.map(({ id }) => id)).toEqual([next.id]);
  });

  it('R42 cannot be read in the events any more, others can, and every chain verifies as before', async () => {
    const own = await Portal.make(stack);
    const [user, other] = [await own.enrolled(), await own.contributor()];
    await user.enterCode(user.phone.wrongCode());
    await user.enterWrongPassword();
    const before = await exported(own);
    checkStreams(before);
    expect(before.filter(({ plain }) => plain === null)).toEqual([]);

    await remove(user, own);
    const after = await exported(own);
    checkStreams(after);
    expect(after.slice(0, before.length).map(({ plain: _, ...event }) => event)).toEqual(
      before.map(({ plain: _, ...event }) => event),
    );
    const byUser = after.filter(({ account, actor }) => account === user.id && actor.id === user.id);
    expect(byUser.length).toBeGreaterThan(3);
    expect(byUser.filter(({ plain, personal }) => personal && plain !== null)).toEqual([]);
    const registered = after.filter((event) => shortType(event) === 'AccountRegistered');
    const nameOf = (id: string) => registered.find(({ account }) => account === id)?.plain?.person;
    // where the administrator acted from can be read still
    expect(nameOf(user.id)).toBeNull();
    expect(nameOf(other.id)).toMatchObject({ username: other.credentials.username });
    expect(JSON.stringify(after)).not.toContain(user.credentials.username);
    expect(after.map(shortType).slice(before.length)).toEqual(
      expect.arrayContaining(['AccountSuspended', 'AccountDeleted', 'SecondFactorErased']),
    );
  });
});

describe('deleting', () => {
  it('R42 of the last administrator who can log in is refused; another one goes', async () => {
    const own = await Portal.make(stack);
    (await own.api.deleteAccount(own.id, own.admin.id)).refused('last-administrator');
    const second = await own.register({ admin: true });
    await remove(second, own);
    (await own.api.deleteAccount(own.id, own.admin.id)).refused('last-administrator');
    (await own.api.me()).success();
  });

  it('R42 is for administrators, services of scope erasure and the operator', async () => {
    const [user, another, third] = [await portal.register(), await portal.register(), await portal.register()];
    const reader = await portal.contributor();
    (await reader.api.deleteAccount(portal.id, user.id)).refused('forbidden');
    for (const scope of ['accounts', 'commands', 'challenges', 'events'] as const) {
      (await (await portal.service(scope)).deleteAccount(portal.id, user.id)).refused('forbidden');
    }
    const eraser = await portal.service('erasure');
    (await eraser.deleteAccount(portal.id, portal.admin.id)).refused('forbidden');
    (await eraser.deleteAccount(portal.id, user.id)).success();
    (await stack.operator.deleteAccount(portal.id, another.id)).success();
    await remove(third);
    for (const { id } of [user, another, third]) (await portal.api.account(portal.id, id)).refused('account-deleted');
    (await portal.api.deleteAccount(portal.id, randomUUID())).refused('not-found');
    (await (await Portal.make(stack)).api.deleteAccount(portal.id, reader.id)).refused('not-found');
  });

  it('R42 many times at once is one deletion', async () => {
    const user = await portal.enrolled();
    await portal.api.me();
    await Promise.all(Array.from({ length: 8 }, () => remove(user)));
    const events = await portal.events('AccountDeleted', 1, { account: user.id });
    expect(events.filter((event) => shortType(event) === 'AccountDeleted')).toHaveLength(1);
  });
});
