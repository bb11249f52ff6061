import { Portal } from '#test/support/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { withinASecond } from '#test/support/until.js';
import { entrances, noBackupCode, times, type Typed } from '#test/support/entrances.js';
import { ofType } from '#test/support/events.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);

describe('a locked account', () => {
  it('answers a right and a wrong code alike, in words and in time (privacyIDEA keycloak-provider #71)', async () => {
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
      const { headers, elapsedMs, ...answer } = await stack.api.raw('POST', '/v1/login/code', { challenge, ...typed });
      const { date: _, ...rest } = headers;
      return { elapsedMs, seen: { ...answer, headers: rest } };
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
    (await portal.api.unlock(portal.id, user.id)).success();
    (await user.enterCode(right)).success();
    (await user.enterBackupCode(backupCode)).success();
  });

  it('has no open challenge left, also after it is unlocked (Keycloak #26177)', async () => {
    const user = await portal.enrolled();
    const { loginWithCode, verifyChallenge } = await entrances(user, gateway);
    await user.lock();
    for (const send of [loginWithCode, verifyChallenge]) {
      (await send({ code: user.phone.freshCode() })).refused('account-locked');
      (await send({ backupCode: user.backupCodes[0] as string })).refused('account-locked');
    }
    (await portal.api.unlock(portal.id, user.id)).success();
    for (const send of [loginWithCode, verifyChallenge]) {
      (await send({ code: user.phone.freshCode() })).refused('challenge-ended');
    }
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });

  it('keeps no session of a login that was under way at the lock (Keycloak #26177, CVE-2026-9798)', async () => {
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
});

describe('two honest logins at once with different right codes (Keycloak #48272)', () => {
  it('both pass when the older time step comes first, otherwise the older is refused as used', async () => {
    const user = await portal.enrolled();
    stack.clock.advance(90);
    const step = stack.clock.startOfStep();
    const [a, b, c] = await times(3, () => user.challenge());
    (await stack.api.sendCode(a as string, { code: user.phone.codeAt(step - 1) })).success();
    (await stack.api.sendCode(b as string, { code: user.phone.codeAt(step) })).success();
    (await stack.api.sendCode(c as string, { code: user.phone.codeAt(step - 1) })).refused('wrong-code');
  });

  it('at the same moment: the newer passes, the older passes before it or is used', async () => {
    for (let round = 0; round < 5; round += 1) {
      const user = await portal.enrolled();
      stack.clock.advance(90);
      const step = stack.clock.startOfStep();
      const [a, b] = [await user.challenge(), await user.challenge()];
      const [older, newer] = await Promise.all([
        stack.api.sendCode(a, { code: user.phone.codeAt(step - 1) }),
        stack.api.sendCode(b, { code: user.phone.codeAt(step) }),
      ]);
      newer.success();
      if (older.code !== null) older.refused('wrong-code');
      const passed = older.code === null ? [step - 1, step] : [step];
      const events = await portal.eventsOf(user, 'AttemptSucceeded', passed.length);
      expect(ofType(events, 'AttemptSucceeded').map(({ data }) => data.timeStep)).toEqual(passed);
    }
  });
});
