import { type EventName, ofType, shortType } from '#test/support/events.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { withinASecond } from '#test/support/until.js';
import { usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);

describe('what was answered when the process was killed', () => {
  let people: Record<
    'wrong' | 'right' | 'backup' | 'locked' | 'unlocked' | 'disabled' | 'own' | 'reader' | 'confirmed',
    Person
  >;
  let limited: Portal;
  let rightCode: string;
  let session: string;

  beforeAll(async () => {
    limited = await Portal.make(stack);
    const enrolled = () => portal.enrolled();
    people = {
      wrong: await enrolled(),
      right: await enrolled(),
      backup: await enrolled(),
      locked: await enrolled(),
      unlocked: await (await enrolled()).lock(),
      disabled: await enrolled(),
      own: await enrolled(),
      reader: await enrolled(),
      confirmed: await portal.contributor(),
    };
    const { wrong, right, backup, locked, unlocked, disabled, own, reader, confirmed } = people;
    await locked.fail(4);
    await confirmed.beginSetUp();
    rightCode = right.phone.freshCode();
    const strict = await limited.settings({ maxFailedAttempts: 1 });
    const [forWrong, forRight, forBackup, forLock] = [
      await wrong.challenge(),
      await right.challenge(),
      await backup.challenge(),
      await locked.challenge(),
    ];

    // All at the same moment, each the last thing that happens to its account; the kill comes with the last answer.
    const answers = await Promise.all([
      stack.api.sendCode(forWrong, { code: wrong.phone.wrongCode() }),
      stack.api.sendCode(forRight, { code: rightCode }),
      stack.api.sendCode(forBackup, { backupCode: backup.backupCodes[0] as string }),
      stack.api.sendCode(forLock, { code: locked.phone.wrongCode() }),
      portal.api.unlock(portal.id, unlocked.id),
      portal.api.disableFor(portal.id, disabled.id),
      own.api.disable(),
      portal.api.changeAccount(portal.id, reader.id, { type: 'power-reader' }),
      confirmed.api.confirm(confirmed.phone.freshCode()),
      limited.api.changeSettings(limited.id, strict),
    ]);
    await stack.restart();
    answers[0].refused('wrong-code');
    session = answers[1].success().accessToken;
    answers[2].success();
    answers[3].refused('account-locked');
    for (const answer of answers.slice(4)) expect(answer.code).toBeNull();
  });

  it('R28 is counted: a wrong code', async () => {
    expect((await people.wrong.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 3 });
  });

  it('R28 is recorded: a right code, and the session that it got', async () => {
    expect((await stack.api.as(session).me()).success().id).toBe(people.right.id);
    (await people.right.enterCode(rightCode)).refused('wrong-code');
  });

  it('R28 is recorded: a backup code', async () => {
    expect((await people.backup.api.myTwoFactor()).success().backupCodesLeft).toBe(9);
    (await people.backup.enterBackupCode(people.backup.backupCodes[0] as string)).refused('wrong-code');
  });

  it('R28 is in force: a lock, and the end of the sessions', async () => {
    (await people.locked.enterPassword()).refused('account-locked');
    await withinASecond('the session ends', async () => (await people.locked.api.me()).code === 'session-ended');
  });

  it("R28 is effective: unlocking, disabling, the account's type, confirming, the setting", async () => {
    const asked = async (person: Person) => (await person.enterPassword()).success().status === 'code-required';
    expect(await asked(people.unlocked)).toBe(true);
    expect((await people.unlocked.api.me()).code).toBe('session-ended');
    expect(await asked(people.disabled)).toBe(false);
    expect(await asked(people.own)).toBe(false);
    expect(await asked(people.reader)).toBe(false);
    expect(await asked(people.confirmed)).toBe(true);
    expect((await limited.api.settings(limited.id)).success().maxFailedAttempts).toBe(1);
    (await (await limited.enrolled()).fail(1)).refused('account-locked');
  });

  it('R28 is an event that can be read', async () => {
    const expected: Record<keyof typeof people, EventName> = {
      wrong: 'AttemptFailed',
      right: 'AttemptSucceeded',
      backup: 'BackupCodeUsed',
      locked: 'AccountLocked',
      unlocked: 'UserUnlocked',
      disabled: 'TwoFactorDisabled',
      own: 'TwoFactorDisabled',
      reader: 'AccountChanged',
      confirmed: 'TwoFactorEnabled',
    };
    const events = await portal.allEvents();
    for (const [who, type] of Object.entries(expected)) {
      const { id } = people[who as keyof typeof people];
      const types = events.filter(({ account }) => account === id).map(shortType);
      expect(types).toContain(type);
    }
    expect(ofType(await limited.events('SettingsChanged', 2), 'SettingsChanged')).toHaveLength(2);
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
      const failures = ofType(await portal.eventsOf(user, 'AttemptFailed', 100 - left), 'AttemptFailed');
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
    const { id, token } = await portal.serviceToken('challenges');
    const user = await portal.enrolled();
    const gateway = stack.api.as(token);
    const challenge = await user.challengeAt(gateway);
    (await stack.operator.revokeServiceToken(portal.id, id)).success();
    (await gateway.openChallenge(portal.id, user.id)).refused('unauthenticated');
    (await gateway.verifyChallenge(challenge, { code: user.phone.freshCode() })).refused('unauthenticated');
  });
});
