import type { Answer } from '#test/support/http.js';
import type { Person } from '#test/support/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { entrances, times, type Typed } from '#test/support/entrances.js';
import { ofType } from '#test/support/events.js';

const stack = useStack();
const portal = usePortal(stack, { maxFailedAttempts: 100 });
const gateway = useGateway(portal);

const successes = (answers: readonly Answer<unknown>[]) => answers.filter(({ code }) => code === null).length;

/** The same typed text ten times at each entrance, all at the same moment. */
async function everywhereAtOnce(user: Person, typed: Typed): Promise<Answer<unknown>[]> {
  const at = await times(10, () => entrances(user, gateway));
  return Promise.all(at.flatMap((each) => Object.values(each).map((send) => send(typed))));
}

describe('a used time step', () => {
  it.each(['loginWithCode', 'verifyChallenge', 'reAuthenticate', 'confirmTwoFactor'] as const)(
    'is refused everywhere once it passed at %s, and so is an older one (Fortify CVE-2022-25838, Vault CVE-2025-6014, ZITADEL #6452, better-auth #10387, Keycloak #13607)',
    async (first) => {
      const user = await portal.enrolled();
      stack.clock.advance(90);
      const { password } = user.credentials;
      let step = stack.clock.startOfStep();
      if (first === 'confirmTwoFactor') {
        (await user.api.reAuthenticate({ password, code: user.phone.codeAt(step) })).success();
        user.scan((await user.api.reset()).success().otpauthUri);
        stack.clock.advance(30);
        step = stack.clock.startOfStep();
        (await user.api.confirm(user.phone.codeAt(step))).success();
      } else {
        (await (await entrances(user, gateway))[first]({ code: user.phone.codeAt(step) })).success();
      }
      for (const used of [step, step - 1]) {
        for (const send of Object.values(await entrances(user, gateway))) {
          (await send({ code: user.phone.codeAt(used) })).refused('wrong-code');
        }
      }
      const fresh = user.phone.codeAt(step + 1);
      (await user.api.reAuthenticate({ password, code: fresh })).success();
      user.scan((await user.api.reset()).success().otpauthUri);
      for (const used of [step + 1, step]) {
        (await user.api.confirm(user.phone.codeAt(used))).refused('wrong-code');
      }
    },
  );

  it('passes once when one code is sent 30 times at the same moment over every entrance', async () => {
    const user = await portal.enrolled();
    const answers = await everywhereAtOnce(user, { code: user.phone.freshCode() });
    expect(successes(answers)).toBe(1);
    expect(answers.filter(({ code }) => code === 'wrong-code' || code === 'challenge-ended')).toHaveLength(29);
    const events = await portal.eventsOf(user, 'AttemptFailed', 29);
    expect(ofType(events, 'AttemptSucceeded')).toHaveLength(1);
  });

  it('stays used when the clock is set back, and after a restart', async () => {
    const user = await portal.enrolled();
    stack.clock.advance(300);
    const step = stack.clock.startOfStep();
    (await user.enterCode(user.phone.codeAt(step))).success();
    stack.clock.advance(-120);
    await stack.restart();
    for (const used of [step, step - 1, step - 3, step - 4, step - 5]) {
      (await user.enterCode(user.phone.codeAt(used))).refused('wrong-code');
    }
    stack.clock.advance(150);
    (await user.enterCode(user.phone.codeAt(stack.clock.step()))).success();
  });
});

describe('a used backup code', () => {
  it('passes once of 30 at the same moment over every entrance (artifact-keeper #1822)', async () => {
    const user = await portal.enrolled();
    const answers = await everywhereAtOnce(user, { backupCode: user.backupCodes[3] as string });
    expect(successes(answers)).toBe(1);
    const events = await portal.eventsOf(user, 'AttemptFailed', 29);
    expect(ofType(events, 'BackupCodeUsed')).toHaveLength(1);
    expect(ofType(events, 'AttemptFailed')).toHaveLength(29);
    expect((await portal.api.account(portal.id, user.id)).success().twoFactor.backupCodesLeft).toBe(9);
  });

  it('is used in every way of writing it', async () => {
    const user = await portal.enrolled();
    const shown = user.backupCodes[0] as string;
    (await user.enterBackupCode(shown)).success();
    const bare = shown.replaceAll('-', '');
    for (const again of [shown, bare, bare.toLowerCase(), ` ${bare} `, bare.match(/.{2}/g)?.join(' ') ?? '']) {
      (await user.enterBackupCode(again)).refused('wrong-code');
    }
  });

  it('of an ended set, or of another account, is wrong', async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    const [old, theirs] = [user.backupCodes[0] as string, other.backupCodes[0] as string];
    user.backupCodes = (await user.api.newBackupCodes()).success().backupCodes;
    (await user.enterBackupCode(old)).refused('wrong-code');
    (await user.enterBackupCode(theirs)).refused('wrong-code');
    (await user.enterBackupCode(user.backupCodes[0] as string)).success();
    (await other.enterBackupCode(theirs)).success();
  });
});

describe('what passes once', () => {
  it('a challenge: of right codes and backup codes at the same moment one passes, the others stay unused', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const code = user.phone.freshCode();
    const typed: Typed[] = [{ code }, ...user.backupCodes.map((backupCode) => ({ backupCode }))];
    const answers = await Promise.all(typed.map((each) => stack.api.sendCode(challenge, each)));
    expect(successes(answers)).toBe(1);
    for (const answer of answers) if (answer.code !== null) answer.refused('challenge-ended');
    const { backupCodesLeft } = (await portal.api.account(portal.id, user.id)).success().twoFactor;
    expect(backupCodesLeft).toBe(answers[0]?.code === null ? 10 : 9);
    (await stack.api.sendCode(challenge, { code: user.phone.freshCode() })).refused('challenge-ended');
  });

  it('a login token: of 20 at the same moment one logs in', async () => {
    const user = await portal.register();
    const token = await portal.loginToken(user);
    const answers = await times(20, () => stack.api.loginWithToken(portal.id, token));
    expect(successes(answers)).toBe(1);
    for (const answer of answers) if (answer.code !== null) answer.refused('invalid-credentials');
  });

  it('a confirmation: of 10 at the same moment with the right code one enables and shows backup codes', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const code = user.phone.freshCode();
    const answers = await times(10, () => user.api.confirm(code));
    expect(successes(answers)).toBe(1);
    for (const answer of answers) if (answer.code !== null) answer.refused('no-pending-setup');
    const events = await portal.eventsOf(user, 'BackupCodesIssued');
    expect(ofType(events, 'TwoFactorEnabled')).toHaveLength(1);
    const { backupCodes } = answers.find((answer) => answer.code === null)!.success();
    (await user.enterBackupCode(backupCodes[0] as string)).success();
  });
});

describe('an ended secret (Authelia, Kratos)', () => {
  it.each(['reset', 'disabled by the user', 'disabled by an administrator'] as const)(
    '%s: leaves nothing that opens anything',
    async (how) => {
      const user = await portal.enrolled();
      const [old, oldCodes] = [user.phone, user.backupCodes];
      const before = await entrances(user, gateway);
      if (how === 'disabled by an administrator') (await portal.api.disableFor(portal.id, user.id)).success();
      else if (how === 'disabled by the user') (await user.api.disable()).success();
      if (how === 'reset') user.scan((await user.api.reset()).success().otpauthUri);
      else user.scan((await user.api.setUp()).success().otpauthUri);

      (await user.api.confirm(old.freshCode())).refused('wrong-code');
      for (const send of [before.loginWithCode, before.verifyChallenge]) {
        (await send({ code: old.freshCode() })).refused('challenge-ended');
        (await send({ backupCode: oldCodes[0] as string })).refused('challenge-ended');
      }
      stack.clock.advance(60);
      (await user.api.confirm(user.phone.freshCode())).success();
      const after = await entrances(user, gateway);
      for (const send of Object.values(after)) {
        (await send({ code: old.freshCode() })).refused('wrong-code');
        (await send({ backupCode: oldCodes[1] as string })).refused('wrong-code');
      }
      for (const send of [before.loginWithCode, before.verifyChallenge]) {
        (await send({ code: user.phone.freshCode() })).refused('challenge-ended');
      }
    },
  );
});
