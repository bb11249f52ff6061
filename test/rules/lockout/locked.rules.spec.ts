import { noBackupCode, type Typed } from '#test/support/calls/entrances.js';
import { ofType, shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { withinASecond } from '#test/support/until.js';
import { useGateway, useIdentityProvider, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const provider = useIdentityProvider();
const gateway = useGateway(portal);

const unlock = async (user: Person) => (await portal.api.unlock(portal.id, user.id)).success();

describe('a locked account', () => {
  it('R23 is told so by the failure that locks', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    for (const attemptsLeft of [4, 3, 2, 1]) {
      const answer = await stack.api.sendCode(challenge, { code: user.phone.wrongCode() });
      expect(answer.refused('wrong-code')).toMatchObject({ attemptsLeft });
    }
    (await stack.api.sendCode(challenge, { code: user.phone.wrongCode() })).refused('account-locked');
    expect((await portal.api.account(portal.id, user.id)).success().status).toBe('locked');
    expect(ofType(await portal.eventsOf(user, 'AccountLocked'), 'AccountLocked')).toHaveLength(1);
  });

  it('R23 cannot log in by any way: password, code, login token, SSO, gateway', async () => {
    const user = await portal.enrolled();
    await provider.serve(portal, user);
    const [token, open] = [await portal.loginToken(user), await user.challenge()];
    const atGateway = await user.challengeAt(gateway);
    await user.lock();

    (await user.enterPassword()).refused('account-locked');
    (await stack.api.sendCode(open, { code: user.phone.freshCode() })).refused('account-locked');
    (await stack.api.sendCode(open, { backupCode: user.backupCodes[0] as string })).refused('account-locked');
    (await stack.api.loginWithToken(portal.id, token)).refused('account-locked');
    (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).refused('account-locked');
    (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).refused('account-locked');
    (await gateway.openChallenge(portal.id, user.id)).refused('account-locked');
    (await gateway.verifyChallenge(atGateway, { code: user.phone.freshCode() })).refused('account-locked');
    (await user.enterWrongPassword()).refused('invalid-credentials');
  });

  it('R23 loses its sessions within a second, by whatever way they began', async () => {
    const user = await portal.enrolled();
    await provider.serve(portal, user);
    const sessions = [
      user.token as string,
      await user.secondSession(),
      (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success().accessToken,
      (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).success().accessToken,
    ];
    for (const token of sessions) (await stack.api.as(token).me()).success();
    await user.lock();
    for (const token of sessions) {
      await withinASecond('the session ends', async () => (await stack.api.as(token).me()).code === 'session-ended');
      (await stack.api.as(token).myTwoFactor()).refused('session-ended');
      (await stack.api.as(token).disable()).refused('session-ended');
    }
  });

  it('R23 answers a right and a wrong code alike, in words and in time, and looks at neither (privacyIDEA keycloak-provider #71)', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    await user.lock();
    const right = user.phone.freshCode();
    const [backupCode] = user.backupCodes as [string];
    const pairs: [Typed, Typed][] = [
      [{ code: right }, { code: user.phone.wrongCode() }],
      [{ backupCode }, { backupCode: noBackupCode }],
    ];
    const answered = async (typed: Typed) => {
      const { headers, elapsedMs, text, status } = await stack.api.raw('POST', '/v1/login/code', {
        challenge,
        ...typed,
      });
      const { date: _, 'x-request-id': __, ...rest } = headers;
      const { requestId: ___, ...body } = JSON.parse(text) as { requestId: string };
      return { elapsedMs, seen: { status, body, headers: rest } };
    };
    for (const [one, other] of pairs) {
      let slower = 0;
      for (let i = 0; i < 60; i += 1) {
        // which is first changes each time, so that a moment's load falls on both alike
        const order = i % 2 === 0 ? [one, other] : [other, one];
        const [first, second] = [await answered(order[0] as Typed), await answered(order[1] as Typed)];
        expect(first.seen).toEqual(second.seen);
        expect(first.seen.status).toBe(423);
        slower += Number(first.elapsedMs > second.elapsedMs === (i % 2 === 0));
      }
      // a fair coin leaves these bounds once in 250,000 runs
      expect(slower).toBeGreaterThan(12);
      expect(slower).toBeLessThan(48);
    }
    const types = (await portal.eventsBeforeUnlock(user)).map(shortType);
    expect(types.slice(types.lastIndexOf('AttemptFailed'))).toEqual(['AttemptFailed', 'AccountLocked']);
    (await user.enterCode(right)).success();
    (await user.enterBackupCode(backupCode)).success();
  });

  it('R23 is looked at again when a session is issued: of logins at the moment of the lock none stays', async () => {
    const user = await portal.enrolled();
    await provider.serve(portal, user);
    await user.fail(4);
    const challenge = await user.challenge();
    const [tokens, idTokens] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => portal.loginToken(user))),
      Promise.all(Array.from({ length: 8 }, () => provider.idToken(user))),
    ]);
    const logins = Promise.all([
      ...tokens.map((token) => stack.api.loginWithToken(portal.id, token)),
      ...idTokens.map((token) => stack.api.loginWithSso(portal.id, token)),
    ]);
    (await stack.api.sendCode(challenge, { code: user.phone.wrongCode() })).refused('account-locked');
    for (const answer of await logins) {
      if (answer.code !== null) answer.refused('account-locked');
      else {
        const api = stack.api.as(answer.success().accessToken);
        await withinASecond('the session ends', async () => (await api.me()).code === 'session-ended');
      }
    }
  });

  it('R23 keeps no session of a login that was under way at the lock (Keycloak #26177, CVE-2026-9798)', async () => {
    const own = await Portal.make(stack, { maxFailedAttempts: 1 });
    for (let round = 0; round < 6; round += 1) {
      const user = await own.enrolled();
      const [good, bad] = [await user.challenge(), await user.challenge()];
      const [right, wrong] = [user.phone.freshCode(), user.phone.wrongCode()];
      const token = await own.loginToken(user);
      const [login, byToken, guess] = await Promise.all([
        stack.api.sendCode(good, { code: right }),
        stack.api.loginWithToken(own.id, token),
        stack.api.sendCode(bad, { code: wrong }),
      ]);
      guess.refused('account-locked');
      for (const answer of [login, byToken]) {
        if (answer.code !== null) answer.refused('account-locked');
        else {
          const session = stack.api.as(answer.success().accessToken);
          await withinASecond('the session ends', async () => (await session.me()).code === 'session-ended');
        }
      }
      (await user.enterPassword()).refused('account-locked');
    }
  });

  it('R23 stays locked when 2FA is turned off, the add-on ends, or the account becomes a Power Reader', async () => {
    const own = await Portal.make(stack);
    const user = await (await own.enrolled()).lock();
    await own.set({ enabled: false });
    (await user.enterPassword()).refused('account-locked');
    (await stack.operator.revokeAddOn(own.id)).success();
    (await user.enterPassword()).refused('account-locked');
    (await own.api.changeAccount(own.id, user.id, { type: 'power-reader' })).success();
    (await user.enterPassword()).refused('account-locked');
    expect((await own.api.account(own.id, user.id)).success().status).toBe('locked');
  });

  it('R23 stays locked over time and restarts', async () => {
    const user = await (await portal.enrolled()).lock();
    stack.clock.minutes(30 * 24 * 60);
    await stack.restart();
    (await user.enterPassword()).refused('account-locked');
    await portal.admin.signIn();
    expect((await portal.api.account(portal.id, user.id)).success().status).toBe('locked');
  });
});

describe('unlocking', () => {
  it('R25 sets the count to zero; no old session or challenge lives again', async () => {
    const user = await portal.enrolled();
    const [session, challenge] = [user.token as string, await user.challenge()];
    await user.lock();
    expect(await unlock(user)).toEqual({ status: 'active' });
    (await stack.api.as(session).me()).refused('session-ended');
    (await stack.api.sendCode(challenge, { code: user.phone.freshCode() })).refused('challenge-ended');
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
    (await user.enterCode(user.phone.freshCode())).success();
    (await stack.api.as(session).me()).refused('session-ended');
  });

  it('R25 no login token lives again, made before the lock or during it; one that is made after is good', async () => {
    const user = await portal.enrolled();
    const before = await portal.loginToken(user);
    await user.lock();
    const during = await portal.loginToken(user);
    for (const token of [before, during]) {
      (await stack.api.loginWithToken(portal.id, token)).refused('account-locked');
    }
    await unlock(user);
    for (const token of [before, during]) {
      (await stack.api.loginWithToken(portal.id, token)).refused('invalid-credentials');
    }
    (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success();
  });

  it('R25 login tokens do not outlive a password change', async () => {
    const user = await portal.contributor();
    const token = await portal.loginToken(user);
    const changed = { current: user.credentials.password, new: 'another long password' };
    (await user.api.changePassword({ ...changed, current: 'not the password' })).refused('invalid-credentials');
    const still = await portal.loginToken(user);
    (await stack.api.loginWithToken(portal.id, still)).success();
    (await user.api.changePassword(changed)).success();
    (await stack.api.loginWithToken(portal.id, token)).refused('invalid-credentials');
    (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success();
  });

  it('R25 leaves 2FA as it was; the administrator can then disable it', async () => {
    const user = await (await portal.enrolled()).lock();
    await unlock(user);
    expect((await portal.api.account(portal.id, user.id)).success()).toMatchObject({
      status: 'active',
      twoFactor: { status: 'enabled', backupCodesLeft: 10 },
    });
    (await user.enterCode(user.phone.freshCode())).success();
    (await portal.api.disableFor(portal.id, user.id)).success();
    expect((await user.enterPassword()).success().status).toBe('complete');
  });

  it('R25 is an event of the administrator who did it', async () => {
    const user = await (await portal.enrolled()).lock();
    await unlock(user);
    const unlocks = ofType(await portal.eventsOf(user, 'UserUnlocked'), 'UserUnlocked');
    expect(unlocks).toMatchObject([{ actor: { kind: 'administrator', id: portal.admin.id } }]);
  });

  it('R25 is for administrators of the portal, and services that may send commands', async () => {
    const user = await (await portal.enrolled()).lock();
    (await (await portal.contributor()).api.unlock(portal.id, user.id)).refused('forbidden');
    (await gateway.unlock(portal.id, user.id)).refused('forbidden');
    (await stack.api.unlock(portal.id, user.id)).refused('unauthenticated');
    (await (await Portal.make(stack)).api.unlock(portal.id, user.id)).refused('not-found');
    (await user.enterPassword()).refused('account-locked');
    (await (await portal.service('commands')).unlock(portal.id, user.id)).success();
    (await user.enterPassword()).success();
  });

  it('R25 of an account that is not locked is refused', async () => {
    const user = await portal.enrolled();
    await user.fail(2);
    (await portal.api.unlock(portal.id, user.id)).refused('not-locked');
    (await portal.api.unlock(portal.id, 'nobody')).refused('not-found');
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 2 });
  });

  it('R25 twice at once unlocks once', async () => {
    const user = await (await portal.enrolled()).lock();
    const answers = await Promise.all([0, 1, 2].map(() => portal.api.unlock(portal.id, user.id)));
    expect(answers.map((answer) => answer.code).filter((code) => code === null)).toHaveLength(1);
    const own = (await portal.allEvents()).filter(({ account }) => account === user.id);
    expect(ofType(own, 'UserUnlocked')).toHaveLength(1);
  });

  it('R25 can be followed by another lock', async () => {
    const user = await (await portal.enrolled()).lock();
    await unlock(user);
    await user.lock();
    (await user.enterPassword()).refused('account-locked');
    await unlock(user);
    (await user.enterCode(user.phone.freshCode())).success();
  });
});
