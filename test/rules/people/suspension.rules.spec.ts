import { EventStream, ofType, shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { useGateway, useIdentityProvider, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const provider = useIdentityProvider();
const gateway = useGateway(portal);

const suspend = async (user: Person, own = portal) => (await own.api.suspend(own.id, user.id)).success();
const resume = async (user: Person, own = portal) => (await own.api.resume(own.id, user.id)).success();
const statusOf = async (user: Person) => (await portal.api.account(portal.id, user.id)).success();

describe('a suspended account', () => {
  it('R41 cannot log in by any way: password, code, login token, SSO, gateway', async () => {
    const user = await portal.enrolled();
    await provider.serve(portal, user);
    const [token, open, atGateway] = [
      await portal.loginToken(user),
      await user.challenge(),
      await user.challengeAt(gateway),
    ];
    expect(await suspend(user)).toEqual({ status: 'suspended' });

    (await user.enterPassword()).refused('account-suspended');
    (await stack.api.sendCode(open, { code: user.phone.freshCode() })).refused('account-suspended');
    (await stack.api.sendCode(open, { backupCode: user.backupCodes[0] as string })).refused('account-suspended');
    (await stack.api.loginWithToken(portal.id, token)).refused('account-suspended');
    (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).refused('account-suspended');
    (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).refused('account-suspended');
    (await gateway.openChallenge(portal.id, user.id)).refused('account-suspended');
    (await gateway.verifyChallenge(atGateway, { code: user.phone.freshCode() })).refused('account-suspended');
    (await user.enterWrongPassword()).refused('invalid-credentials');
  });

  it('R41 has no session any more, and none begins to live again when it is resumed', async () => {
    const user = await portal.enrolled();
    await provider.serve(portal, user);
    const sessions = [
      user.token as string,
      await user.secondSession(),
      (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success().accessToken,
      (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).success().accessToken,
    ];
    const [token, open, atGateway] = [
      await portal.loginToken(user),
      await user.challenge(),
      await user.challengeAt(gateway),
    ];
    await suspend(user);
    for (const session of sessions) {
      (await stack.api.as(session).me()).refused('session-ended');
      (await stack.api.as(session).myTwoFactor()).refused('session-ended');
    }
    expect((await portal.api.sessionsOf(portal.id, user.id)).success()).toEqual({ sessions: [] });
    const whileSuspended = await portal.loginToken(user);

    expect(await resume(user)).toEqual({ status: 'active' });
    for (const session of sessions) (await stack.api.as(session).me()).refused('session-ended');
    for (const code of [user.phone.wrongCode(), user.phone.freshCode()]) {
      (await stack.api.sendCode(open, { code })).refused('challenge-ended');
      (await gateway.verifyChallenge(atGateway, { code })).refused('challenge-ended');
    }
    for (const each of [token, whileSuspended]) {
      (await stack.api.loginWithToken(portal.id, each)).refused('invalid-credentials');
    }
    (await user.enterCode(user.phone.freshCode())).success();
    (await gateway.verifyChallenge(await user.challengeAt(gateway), { code: user.phone.freshCode() })).success();
    expect(ofType(await portal.events('AccountResumed', 1, { account: user.id }), 'AttemptFailed')).toEqual([]);
  });

  it('R41 loses its live stream of events within a second', async () => {
    const own = await Portal.make(stack);
    const reader = await (await own.register({ admin: true })).signIn();
    const { origin } = stack;
    const stream = await EventStream.open(`${origin}/v1/portals/${own.id}/events/stream`, reader.token!);
    const ended = stream
      .until(() => false)
      .then(
        () => 'went on',
        (error: Error) => error.message,
      );
    await suspend(reader, own);
    expect(await ended).toMatch(/^the stream ended after/);
  });

  it('R41 is told apart from a lock: neither ends the other, and suspended comes first', async () => {
    const user = await (await portal.enrolled()).lock();
    expect(await suspend(user)).toEqual({ status: 'suspended' });
    expect((await portal.api.unlock(portal.id, user.id)).success()).toEqual({ status: 'active' });
    expect((await statusOf(user)).status).toBe('suspended');
    (await user.enterPassword()).refused('account-suspended');
    await resume(user);
    await user.lock();
    await suspend(user);
    (await user.enterPassword()).refused('account-suspended');
    (await gateway.openChallenge(portal.id, user.id)).refused('account-suspended');
    expect(await resume(user)).toEqual({ status: 'locked' });
    (await user.enterPassword()).refused('account-locked');
    (await gateway.openChallenge(portal.id, user.id)).refused('account-locked');
  });

  it('R41 is shown with the time since when, alone and in lists', async () => {
    const user = await portal.contributor();
    await suspend(user);
    const [event] = ofType(await portal.events('AccountSuspended', 1, { account: user.id }), 'AccountSuspended');
    const shown = { status: 'suspended', suspendedAt: event!.time };
    expect(await statusOf(user)).toMatchObject(shown);
    const query = { query: user.credentials.username };
    expect((await portal.api.accounts(portal.id, query)).success().accounts).toMatchObject([shown]);
    await resume(user);
    expect((await statusOf(user)).status).toBe('active');
    expect(await statusOf(user)).not.toHaveProperty('suspendedAt');
    expect((await portal.api.accounts(portal.id, query)).success().accounts).toMatchObject([{ status: 'active' }]);
  });

  it('R41 is suspended and resumed once, however often it is asked for, by who asked first', async () => {
    const user = await portal.contributor();
    for (let i = 0; i < 3; i += 1) expect(await suspend(user)).toEqual({ status: 'suspended' });
    await Promise.all([resume(user), resume(user), resume(user)]);
    await user.signIn();
    const events = await portal.events('LoginSucceeded', 2, { account: user.id });
    const changes = events.filter((event) => /^Account(Suspended|Resumed)$/.test(shortType(event)));
    const actor = { kind: 'administrator', id: portal.admin.id };
    expect(changes).toMatchObject([
      { type: 'identity.account-suspended.v1', actor, data: {} },
      { type: 'identity.account-resumed.v1', actor, data: {} },
    ]);
  });

  it('R41 keeps its second factor, which an administrator can disable meanwhile', async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    for (const each of [user, other]) await suspend(each);
    (await portal.api.disableFor(portal.id, other.id)).success();
    for (const each of [user, other]) await resume(each);
    expect((await user.enterPassword()).success().status).toBe('code-required');
    expect((await other.enterPassword()).success().status).toBe('complete');
  });
});

describe('the last administrator who can log in', () => {
  it('R41 is neither suspended nor demoted', async () => {
    const own = await Portal.make(stack);
    (await own.api.suspend(own.id, own.admin.id)).refused('last-administrator');
    const second = await own.register({ admin: true });
    await suspend(second, own);
    (await own.api.suspend(own.id, own.admin.id)).refused('last-administrator');
    (await own.api.changeAccount(own.id, own.admin.id, { admin: false })).refused('last-administrator');
    (await own.api.changeAccount(own.id, own.admin.id, { type: 'power-reader' })).refused('last-administrator');
    expect((await own.api.account(own.id, second.id)).success()).toMatchObject({ status: 'suspended', admin: true });

    await resume(second, own);
    (await own.api.suspend(own.id, own.admin.id)).success();
    (await own.admin.api.me()).refused('session-ended');
    await second.signIn();
    (await second.api.suspend(own.id, second.id)).refused('last-administrator');
    (await second.api.resume(own.id, own.admin.id)).success();
    const ofRight = await until('all four can be read', async () => {
      const { events } = (await second.api.events(own.id, { limit: 200 })).success();
      const found = events.filter((event) => /^Administrator(Suspended|Resumed)$/.test(shortType(event)));
      return found.length >= 4 && found;
    });
    expect(ofRight.map((event) => [shortType(event), event.data.accountId])).toEqual([
      ['AdministratorSuspended', second.id],
      ['AdministratorResumed', second.id],
      ['AdministratorSuspended', own.admin.id],
      ['AdministratorResumed', own.admin.id],
    ]);
  });

  it('R41 two who suspend each other at once leave one', async () => {
    for (let round = 0; round < 5; round += 1) {
      const own = await Portal.make(stack);
      const second = await (await own.register({ admin: true })).signIn();
      await own.admin.signIn();
      const answers = await Promise.all([
        own.admin.api.suspend(own.id, second.id),
        second.api.suspend(own.id, own.admin.id),
      ]);
      // who comes second is refused as the last one, or has lost the session by then
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const logins = await Promise.all([own.admin, second].map((each) => each.enterPassword()));
      expect(logins.map(({ code }) => code).sort()).toEqual(['account-suspended', null]);
    }
  });

  it('R41 a suspended one who is appointed does not count as one who can log in', async () => {
    const own = await Portal.make(stack);
    const user = await own.register();
    await suspend(user, own);
    (await own.api.changeAccount(own.id, user.id, { admin: true })).success();
    (await own.api.suspend(own.id, own.admin.id)).refused('last-administrator');
    await resume(user, own);
    (await own.api.suspend(own.id, own.admin.id)).success();
  });
});

describe('a service token of scope accounts', () => {
  it('R33 suspends and resumes accounts, but never an administrator', async () => {
    const tool = await portal.service('accounts');
    const user = await portal.contributor();
    expect((await tool.suspend(portal.id, user.id)).success()).toEqual({ status: 'suspended' });
    (await user.enterPassword()).refused('account-suspended');
    expect((await tool.resume(portal.id, user.id)).success()).toEqual({ status: 'active' });

    const second = await portal.register({ admin: true });
    for (const { id } of [portal.admin, second]) {
      (await tool.suspend(portal.id, id)).refused('forbidden');
    }
    await suspend(second);
    (await tool.resume(portal.id, second.id)).refused('forbidden');
    (await tool.suspend(portal.id, 'nobody')).refused('not-found');
    const events = await portal.events('AccountResumed', 1, { account: user.id });
    const { actor } = ofType(events, 'AccountSuspended')[0]!;
    expect(actor.kind).toBe('service');
  });

  it('R33 does nothing else, and no other scope does this', async () => {
    const user = await portal.enrolled();
    const tool = await portal.service('accounts');
    (await tool.unlock(portal.id, user.id)).refused('forbidden');
    (await tool.disableFor(portal.id, user.id)).refused('forbidden');
    (await tool.openChallenge(portal.id, user.id)).refused('forbidden');
    (await tool.sessionsOf(portal.id, user.id)).refused('forbidden');
    (await tool.events(portal.id)).refused('forbidden');
    const others = await portal.service('challenges', 'commands', 'events');
    for (const api of [others, stack.operator, user.api]) {
      (await api.suspend(portal.id, user.id)).refused('forbidden');
      (await api.resume(portal.id, user.id)).refused('forbidden');
    }
  });
});

it('R41 is in effect, and over, for the next request', async () => {
  const users = await Promise.all(Array.from({ length: 5 }, () => portal.contributor()));
  for (const user of users) {
    await suspend(user);
    (await user.enterPassword()).refused('account-suspended');
    (await gateway.openChallenge(portal.id, user.id)).refused('account-suspended');
    await resume(user);
    (await gateway.openChallenge(portal.id, user.id)).success();
    (await user.enterPassword()).success();
  }
});
