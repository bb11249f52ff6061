import { ofType } from '#test/support/events.js';
import type { Person } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack, { lockMinutes: 10 });
const gateway = useGateway(portal);

const ends = async (user: Person) => ofType(await portal.eventsOf(user, 'UserUnlocked'), 'UserUnlocked');
const guess = async (user: Person, challenge: string) =>
  stack.api.sendCode(challenge, { code: user.phone.wrongCode() });

describe('a lock that ends by itself', () => {
  it('R38 tells its end at every entrance, and is over then: not before, and without an administrator', async () => {
    const user = await portal.enrolled();
    await user.lock();
    const refusal = (await user.enterPassword()).refused('account-locked');
    const { lockedAt, lockEndsAt } = (await portal.api.account(portal.id, user.id)).success();
    expect(Date.parse(lockEndsAt!) - Date.parse(lockedAt!)).toBeGreaterThan(599_000);
    expect(Date.parse(lockEndsAt!) - Date.parse(lockedAt!)).toBeLessThanOrEqual(600_000);
    expect(refusal).toMatchObject({ lockEndsAt });
    expect(refusal.retryAfter).toBeGreaterThan(0);
    expect(refusal.retryAfter).toBeLessThanOrEqual(600);
    expect((await gateway.openChallenge(portal.id, user.id)).refused('account-locked')).toMatchObject({ lockEndsAt });
    const loginToken = await portal.loginToken(user);
    expect((await stack.api.loginWithToken(portal.id, loginToken)).refused('account-locked')).toMatchObject({
      lockEndsAt,
    });

    stack.clock.minutes(9);
    (await user.enterPassword()).refused('account-locked');
    stack.clock.minutes(1);
    await user.signIn();
    expect(await ends(user)).toMatchObject([{ actor: { kind: 'system' }, data: { reason: 'lock-ended' } }]);
    expect((await portal.api.account(portal.id, user.id)).success()).not.toHaveProperty('lockEndsAt');
  });

  it('R38 is ended by the app itself within a minute, once', async () => {
    const user = await portal.enrolled();
    await user.lock();
    stack.clock.minutes(10);
    await until(
      'the end is recorded',
      async () =>
        (await portal.events('UserUnlocked', 0, { account: user.id })).some(({ data }) => data.reason === 'lock-ended'),
      60_000,
    );
    expect(await ends(user)).toHaveLength(1);
  });

  it('R38 revives no session and no challenge of before', async () => {
    const user = await portal.enrolled();
    const [open, atGateway] = [await user.challenge(), await user.challengeAt(gateway)];
    const session = user.token as string;
    await user.lock();
    stack.clock.minutes(10);
    await user.enterPassword();
    stack.clock.startOfStep();
    (await stack.api.sendCode(open, { code: user.phone.freshCode() })).refused('challenge-ended');
    (await gateway.verifyChallenge(atGateway, { code: user.phone.freshCode() })).refused('challenge-ended');
    (await stack.api.as(session).me()).refused('session-ended');
  });

  it('R38 goes on with the count, and lasts twice as long the next time', async () => {
    const user = await portal.enrolled();
    await user.lock();
    stack.clock.minutes(10);
    const challenge = await user.challenge();
    for (const attemptsLeft of [4, 3, 2, 1]) {
      expect((await guess(user, challenge)).refused('wrong-code')).toMatchObject({ attemptsLeft });
    }
    const refusal = (await guess(user, challenge)).refused('account-locked');
    expect(refusal.retryAfter).toBeGreaterThan(1_190);
    expect((await portal.api.account(portal.id, user.id)).success().failedAttempts).toBe(10);
    (await portal.api.unlock(portal.id, user.id)).success();
    expect((await portal.api.account(portal.id, user.id)).success().failedAttempts).toBe(0);
  });

  it('R24 R38 guesses sent at the moment of the end get no more than the limit', async () => {
    const user = await portal.enrolled();
    await user.lock();
    stack.clock.minutes(10);
    const challenges = await Promise.all(Array.from({ length: 12 }, () => user.challenge()));
    const answers = await Promise.all(challenges.map((challenge) => guess(user, challenge)));
    expect(answers.filter(({ code }) => code === 'wrong-code')).toHaveLength(4);
    expect(answers.filter(({ code }) => code === 'account-locked' || code === 'challenge-ended')).toHaveLength(8);
    expect(await ends(user)).toHaveLength(1);
    const failures = ofType(await portal.eventsOf(user, 'AccountLocked', 2), 'AttemptFailed');
    expect(failures).toHaveLength(10);
  });

  it('R38 is fixed: what the administrator sets afterwards holds for the next one', async () => {
    const user = await portal.enrolled();
    await user.lock();
    const { lockEndsAt } = (await portal.api.account(portal.id, user.id)).success();
    await portal.set({ lockMinutes: 0 });
    expect((await user.enterPassword()).refused('account-locked')).toMatchObject({ lockEndsAt });
    stack.clock.minutes(10);
    await user.lock();
    expect((await user.enterPassword()).refused('account-locked')).not.toHaveProperty('lockEndsAt');
    await portal.set({ lockMinutes: 10 });
  });

  it.each([-1, 0.5, 1_441, '10', null])('R38 takes 0 to 1440 minutes, not %p', async (lockMinutes) => {
    const body = { ...(await portal.settings()), lockMinutes };
    const { errors } = (await portal.api.changeSettings(portal.id, body)).refused('malformed-request');
    expect(errors).toMatchObject([{ field: 'lockMinutes' }]);
  });
});
