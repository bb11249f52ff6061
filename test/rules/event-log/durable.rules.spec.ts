import { has, shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/portal.js';
import { type Stack, startStack } from '#test/support/stack.js';

let stack: Stack;
let portal: Portal;
beforeAll(async () => {
  stack = await startStack();
  portal = await Portal.make(stack);
}, 60_000);
afterAll(() => stack.stop());

describe('what was answered before the process was killed', () => {
  it('R28 a wrong code is counted', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    for (const attemptsLeft of [4, 3]) {
      const answer = await stack.api.sendCode(challenge, { code: user.phone.wrongCode() });
      await stack.restart();
      expect(answer.refused('wrong-code')).toMatchObject({ attemptsLeft });
    }
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 2 });
    const events = await portal.events(has('AttemptFailed', 3), { account: user.id });
    expect(events.filter((event) => shortType(event) === 'AttemptFailed')).toHaveLength(3);
  });

  it('R28 a right code, a backup code and a lock are recorded', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    const backupCode = user.backupCodes[0] as string;
    const { accessToken } = (await user.enterCode(code)).success();
    await stack.restart();
    (await stack.api.as(accessToken).me()).success();
    (await user.enterCode(code)).refused('wrong-code');

    (await user.enterBackupCode(backupCode)).success();
    await stack.restart();
    (await user.enterBackupCode(backupCode)).refused('wrong-code');

    await user.lock();
    await stack.restart();
    (await user.enterPassword()).refused('account-locked');
    const types = (await portal.events(has('AccountLocked'), { account: user.id })).map(shortType);
    expect(types).toEqual(expect.arrayContaining(['AttemptSucceeded', 'BackupCodeUsed', 'AccountLocked']));
    await stack.restart();
    (await stack.api.as(accessToken).me()).refused('session-ended');
  });

  it("R28 a change is effective: confirming, the setting, unlocking, disabling, the account's type", async () => {
    const user = await (await portal.register()).signIn();
    await user.beginSetUp();
    const enabled = (await user.api.confirm(user.phone.freshCode())).success();
    await stack.restart();
    expect((await user.enterPassword()).success().status).toBe('code-required');
    (await user.enterBackupCode(enabled.backupCodes[9] as string)).success();

    await portal.set({ maxFailedAttempts: 1 });
    await stack.restart();
    (await user.fail(1)).refused('account-locked');

    (await portal.api.unlock(portal.id, user.id)).success();
    await stack.restart();
    expect((await user.enterPassword()).success().status).toBe('code-required');

    (await portal.api.changeAccount(portal.id, user.id, { type: 'power-reader' })).success();
    await stack.restart();
    expect((await user.enterPassword()).success().status).toBe('complete');
    (await portal.api.changeAccount(portal.id, user.id, { type: 'contributor' })).success();

    (await portal.api.disableFor(portal.id, user.id)).success();
    await stack.restart();
    expect((await portal.api.account(portal.id, user.id)).success().twoFactor.status).toBe('none');
    await portal.set({ maxFailedAttempts: 5 });
  });

  it('R28 of attempts under way at the kill, each that was answered is counted', async () => {
    await portal.set({ maxFailedAttempts: 100 });
    const users = await Promise.all([portal.enrolled(), portal.enrolled(), portal.enrolled()]);
    const fewestLeft = new Map(users.map((user) => [user, 100]));
    let answered = 0;
    let killed: Promise<void> | undefined;
    const guess = async (user: Person, challenge: string) => {
      const answer = await stack.api.sendCode(challenge, { code: user.phone.wrongCode() });
      const left = answer.refused('wrong-code').attemptsLeft as number;
      fewestLeft.set(user, Math.min(left, fewestLeft.get(user) as number));
      answered += 1;
      if (answered === 25) killed = stack.kill();
    };
    const challenges = await Promise.all(users.map((user) => user.challenge()));
    const guesses = users.flatMap((user, i) => Array.from({ length: 60 }, () => guess(user, challenges[i] as string)));
    const outcomes = await Promise.allSettled(guesses);
    await killed;
    await stack.start();
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);

    for (const user of users) {
      const left = (await user.fail(1)).refused('wrong-code').attemptsLeft as number;
      expect(left).toBeLessThan(fewestLeft.get(user) as number);
      const failures = (await portal.events(has('AttemptFailed', 100 - left), { account: user.id })).filter(
        (event) => shortType(event) === 'AttemptFailed',
      );
      expect(failures.map(({ data }) => data.failedAttempts)).toEqual(
        Array.from({ length: 100 - left }, (_, i) => i + 1),
      );
    }
    await portal.set({ maxFailedAttempts: 5 });
  });
});

describe('a change that was answered', () => {
  it('R28 holds for every request begun after: the setting', async () => {
    const user = await portal.enrolled();
    for (let i = 0; i < 10; i += 1) {
      await portal.set({ enabled: false });
      expect((await user.enterPassword()).success().status).toBe('complete');
      await portal.set({ enabled: true });
      expect((await user.enterPassword()).success().status).toBe('code-required');
    }
  });

  it('R28 holds for every request begun after: the limit', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    for (const [i, maxFailedAttempts] of [20, 9, 50, 7, 100, 8].entries()) {
      await portal.set({ maxFailedAttempts });
      const answer = await stack.api.sendCode(challenge, { code: user.phone.wrongCode() });
      expect(answer.refused('wrong-code')).toMatchObject({ attemptsLeft: maxFailedAttempts - i - 1 });
    }
    await portal.set({ maxFailedAttempts: 5 });
  });

  it('R28 holds for every request begun after: the add-on', async () => {
    const user = await portal.enrolled();
    for (let i = 0; i < 5; i += 1) {
      (await stack.operator.revokeAddOn(portal.id)).success();
      expect((await user.enterPassword()).success().status).toBe('complete');
      (await stack.operator.grantAddOn(portal.id)).success();
      expect((await user.enterPassword()).success().status).toBe('code-required');
    }
  });

  it("R28 holds for every request begun after: the account's type", async () => {
    const user = await portal.enrolled();
    for (let i = 0; i < 5; i += 1) {
      (await portal.api.changeAccount(portal.id, user.id, { type: 'power-reader' })).success();
      expect((await user.enterPassword()).success().status).toBe('complete');
      (await portal.api.changeAccount(portal.id, user.id, { type: 'contributor' })).success();
      expect((await user.enterPassword()).success().status).toBe('code-required');
    }
  });

  it('R28 holds for every request begun after: unlocking and disabling', async () => {
    for (let i = 0; i < 3; i += 1) {
      const user = await (await portal.enrolled()).lock();
      (await portal.api.unlock(portal.id, user.id)).success();
      expect((await user.enterPassword()).success().status).toBe('code-required');
      (await portal.api.disableFor(portal.id, user.id)).success();
      expect((await user.enterPassword()).success().status).toBe('complete');
    }
  });

  it('R28 holds for every request begun after: a service token that was revoked', async () => {
    const { id, token } = (
      await stack.operator.issueServiceToken(portal.id, { name: 'short', scopes: ['challenges'] })
    ).success();
    const user = await portal.enrolled();
    const gateway = stack.api.as(token);
    const opened = (await gateway.openChallenge(portal.id, user.id)).success();
    (await stack.operator.revokeServiceToken(portal.id, id)).success();
    (await gateway.openChallenge(portal.id, user.id)).refused('unauthenticated');
    const challenge = opened.required ? opened.challenge : '';
    (await gateway.verifyChallenge(challenge, { code: user.phone.freshCode() })).refused('unauthenticated');
  });
});
