import { ofType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { useIdentityProvider, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const provider = useIdentityProvider();

const MINUTE = 60_000;

describe('sessions', () => {
  it('R44 are listed for the person: when and how each began, newest first, and which is this one', async () => {
    const user = await portal.enrolled();
    await provider.serve(portal, user);
    const byPassword = user.token!;
    const bySso = (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).success().accessToken;
    const byToken = (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success().accessToken;
    const byCode = await user.secondSession();

    const { sessions } = (await stack.api.as(bySso).mySessions()).success();
    expect(sessions.map(({ method }) => method)).toEqual(['password+totp', 'login-token', 'sso', 'password']);
    expect(sessions.map(({ current }) => current ?? false)).toEqual([false, false, true, false]);
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(4);
    const logins = ofType(await portal.events('LoginSucceeded', 4, { account: user.id }), 'LoginSucceeded');
    expect(logins.map(({ data }) => data.sessionId)).toEqual(sessions.map(({ id }) => id).reverse());
    for (const [index, { createdAt }] of [...sessions].reverse().entries()) {
      expect(Math.abs(Date.parse(createdAt) - Date.parse(logins[index]!.time))).toBeLessThan(5_000);
    }
    for (const token of [byPassword, byToken, byCode]) (await stack.api.as(token).me()).success();
    for (const text of [JSON.stringify(sessions)]) {
      for (const token of [byPassword, bySso, byToken, byCode]) expect(text).not.toContain(token);
    }
  });

  it('R44 say to the minute when each was last used', async () => {
    const user = await portal.contributor();
    const idle = await user.secondSession();
    const seen = async () => (await user.api.mySessions()).success().sessions;
    for (const { lastSeenAt, createdAt } of await seen()) {
      expect(Date.parse(lastSeenAt) % MINUTE).toBe(0);
      expect(Date.parse(createdAt) - Date.parse(lastSeenAt)).toBeLessThan(MINUTE);
    }
    stack.clock.advance(180);
    (await user.api.me()).success();
    const [unused, used] = await until('the use is noted', async () => {
      const [first, second] = await seen();
      return (
        Date.parse(second!.lastSeenAt) - Date.parse(first!.lastSeenAt) >= 2 * MINUTE && ([first!, second!] as const)
      );
    });
    expect([unused.current, used.current]).toEqual([undefined, true]);
    expect(Date.parse(unused.createdAt) - Date.parse(unused.lastSeenAt)).toBeLessThan(MINUTE);
    (await stack.api.as(idle).me()).success();
  });

  it('R44 are ended by the person: each, and all but this one', async () => {
    const user = await portal.contributor();
    const others = [await user.secondSession(), await user.secondSession(), await user.secondSession()];
    const [newest] = (await user.api.mySessions()).success().sessions;
    (await user.api.endMySession(newest!.id)).success();
    (await stack.api.as(others[2]!).me()).refused('session-ended');
    (await stack.api.as(others[1]!).me()).success();
    (await user.api.endMySession(newest!.id)).refused('not-found');

    const loginToken = await portal.loginToken(user);
    (await user.api.endMyOtherSessions()).success();
    for (const token of others) (await stack.api.as(token).me()).refused('session-ended');
    (await stack.api.loginWithToken(portal.id, loginToken)).refused('invalid-credentials');
    const { sessions } = (await user.api.mySessions()).success();
    expect(sessions).toMatchObject([{ current: true }]);
    (await user.api.endMyOtherSessions()).success();

    (await user.api.endMySession(sessions[0]!.id)).success();
    (await user.api.me()).refused('session-ended');
    const ended = ofType(await portal.events('SessionEnded', 4, { account: user.id }), 'SessionEnded');
    expect(ended).toHaveLength(4);
    const actor = { kind: 'user', id: user.id };
    for (const event of ended) expect(event).toMatchObject({ actor, data: { sessionId: expect.any(String) } });
    expect([ended[0]!.data.sessionId, ended[3]!.data.sessionId]).toEqual([newest!.id, sessions[0]!.id]);
  });

  it('R44 are ended by an administrator: each, and all', async () => {
    const user = await portal.enrolled();
    const first = user.token!;
    const others = [await user.secondSession(), await user.secondSession()];
    const { sessions } = (await portal.api.sessionsOf(portal.id, user.id)).success();
    expect(sessions.map(({ current }) => current)).toEqual([undefined, undefined, undefined]);
    (await portal.api.endSessionOf(portal.id, user.id, sessions[2]!.id)).success();
    (await stack.api.as(first).me()).refused('session-ended');
    (await stack.api.as(others[0]!).me()).success();

    const open = await user.challenge();
    (await portal.api.endSessionsOf(portal.id, user.id)).success();
    for (const token of others) (await stack.api.as(token).me()).refused('session-ended');
    (await stack.api.sendCode(open, { code: user.phone.freshCode() })).refused('challenge-ended');
    expect((await portal.api.sessionsOf(portal.id, user.id)).success()).toEqual({ sessions: [] });
    (await user.enterCode(user.phone.freshCode())).success();
    const ended = ofType(await portal.events('SessionEnded', 3, { account: user.id }), 'SessionEnded');
    expect(ended.map(({ actor }) => actor)).toEqual(Array(3).fill({ kind: 'administrator', id: portal.admin.id }));
  });

  it("R44 are nobody else's to see or end", async () => {
    const [user, other] = [await portal.contributor(), await portal.contributor()];
    const { id } = (await user.api.mySessions()).success().sessions[0]!;
    (await other.api.endMySession(id)).refused('not-found');
    (await other.api.sessionsOf(portal.id, user.id)).refused('forbidden');
    (await other.api.endSessionsOf(portal.id, user.id)).refused('forbidden');
    (await other.api.endSessionOf(portal.id, user.id, id)).refused('forbidden');
    (await portal.api.endSessionOf(portal.id, other.id, id)).refused('not-found');
    (await portal.api.endSessionOf(portal.id, 'nobody', id)).refused('not-found');
    (await portal.api.sessionsOf(portal.id, 'nobody')).refused('not-found');
    (await portal.api.endSessionsOf(portal.id, 'nobody')).refused('not-found');
    (await user.api.me()).success();
  });

  it('R44 that have ended or expired are not listed', async () => {
    const own = await Portal.make(stack);
    const user = await own.contributor();
    const old = (await user.api.mySessions()).success().sessions[0]!.id;
    (await stack.api.as(await user.secondSession()).logout()).success();
    expect((await user.api.mySessions()).success().sessions).toHaveLength(1);
    stack.clock.advance(12 * 3600);
    await user.signIn();
    await own.admin.signIn();
    const { sessions } = (await user.api.mySessions()).success();
    expect(sessions).toMatchObject([{ current: true }]);
    (await user.api.endMySession(old)).refused('not-found');
    (await own.api.endSessionsOf(own.id, user.id)).success();
    const ended = ofType(await own.events('SessionEnded', 1, { account: user.id }), 'SessionEnded');
    expect(ended.map(({ data }) => data.sessionId)).toEqual([sessions[0]!.id]);
  });
});
