import { entrances, successes, type Typed } from '#test/support/calls/entrances.js';
import { type Person, Portal } from '#test/support/people/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);
/** Where guesses lock nobody. */
const lenient = usePortal(stack, { maxFailedAttempts: 100 });
const itsGateway = useGateway(lenient);

const send = (challenge: string, code: string) => stack.api.sendCode(challenge, { code });

/** Nothing was counted: the next failure is the first. */
const expectNothingCounted = async (user: Person) =>
  expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });

describe('a challenge', () => {
  it('R21 ends after 5 minutes', async () => {
    const user = await portal.enrolled();
    const reply = (await user.enterPassword()).success();
    expect(Math.abs(Date.parse(reply.expiresAt) - stack.clock.now() - 300_000)).toBeLessThan(5_000);
    const [early, late] = [await user.challenge(), await user.challenge()];
    stack.clock.advance(290);
    (await send(early, user.phone.freshCode())).success();
    stack.clock.advance(11);
    (await send(late, user.phone.freshCode())).refused('challenge-ended');
    // nor does setting the clock back help one that has passed
    stack.clock.advance(-600);
    (await send(early, user.phone.codeAt(stack.clock.step()))).refused('challenge-ended');
    stack.clock.advance(600);
    await expectNothingCounted(user);
  });

  it('R21 of a gateway ends after 5 minutes', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challengeAt(gateway);
    stack.clock.advance(301);
    (await gateway.verifyChallenge(challenge, { code: user.phone.freshCode() })).refused('challenge-ended');
    await expectNothingCounted(user);
  });

  it('R21 passes once', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    (await send(challenge, user.phone.freshCode())).success();
    (await send(challenge, user.phone.freshCode())).refused('challenge-ended');
    (await send(challenge, user.phone.wrongCode())).refused('challenge-ended');
    (await stack.api.sendCode(challenge, { backupCode: user.backupCodes[0] as string })).refused('challenge-ended');
    await stack.restart();
    (await send(challenge, user.phone.freshCode())).refused('challenge-ended');
    await expectNothingCounted(user);
  });

  it('R21 of a login ends when the password is changed, as the sessions do', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const changed = await user.api.changePassword({ current: user.credentials.password, new: 'another long password' });
    changed.success();
    (await send(challenge, user.phone.freshCode())).refused('challenge-ended');
  });

  it('R21 passes once: of right codes and backup codes at the same moment one passes, the others stay unused', async () => {
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
    await expectNothingCounted(user);
  });

  it("R21 belongs to one account: another's code is wrong, and counts for the one it was opened for", async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    const code = other.phone.freshCode();
    (await send(await user.challenge(), code)).refused('wrong-code');
    const atGateway = await gateway.verifyChallenge(await user.challengeAt(gateway), { code });
    expect(atGateway.refused('wrong-code')).toMatchObject({ attemptsLeft: 3 });
    (await gateway.verifyChallenge(await other.challengeAt(gateway), { code })).success();
    await expectNothingCounted(other);
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 2 });
  });

  it('R21 of a gateway passes at the check of that gateway alone, and never as a login; one of a login passes at no gateway', async () => {
    const user = await portal.enrolled();
    const [atGateway, atLogin] = [await user.challengeAt(gateway), await user.challenge()];
    const sameName = await portal.service('challenges');
    const more = await portal.service('challenges', 'commands', 'events');
    const elsewhere = await (await Portal.make(stack)).service('challenges');
    const code = user.phone.freshCode();

    for (const other of [sameName, more, elsewhere]) {
      (await other.verifyChallenge(atGateway, { code })).refused('challenge-ended');
      (await other.verifyChallenge(atLogin, { code })).refused('challenge-ended');
    }
    (await stack.api.sendCode(atGateway, { code })).refused('challenge-ended');
    (await gateway.verifyChallenge(atLogin, { code })).refused('challenge-ended');
    (await elsewhere.openChallenge(portal.id, user.id)).refused('not-found');
    (await gateway.openChallenge(portal.id, 'nobody')).refused('not-found');
    const scopeless = await portal.service('commands', 'events');
    for (const api of [stack.api, user.api, portal.api, stack.operator, scopeless]) {
      const { code: refusal } = await api.verifyChallenge(atGateway, { code });
      expect(['unauthenticated', 'forbidden']).toContain(refusal);
    }
    await expectNothingCounted(user);
    const passed = (await gateway.verifyChallenge(atGateway, { code })).success();
    expect(passed).toEqual({ passed: true, accountId: user.id, method: 'totp' });
    (await gateway.verifyChallenge(atGateway, { code: user.phone.freshCode() })).refused('challenge-ended');
    (await stack.api.sendCode(atGateway, { code: user.phone.freshCode() })).refused('challenge-ended');
  });

  it('R21 of a gateway ends with the token of that gateway: a new token of the same name does not take it over', async () => {
    const user = await portal.enrolled();
    const first = await portal.serviceToken('challenges');
    const challenge = await user.challengeAt(stack.api.as(first.token));
    (await stack.operator.revokeServiceToken(portal.id, first.id)).success();
    const second = await portal.serviceToken('challenges');
    const code = user.phone.freshCode();
    (await stack.api.as(first.token).verifyChallenge(challenge, { code })).refused('unauthenticated');
    (await stack.api.as(second.token).verifyChallenge(challenge, { code })).refused('challenge-ended');
    (await user.enterCode(code)).success();
  });

  it('R21 is no token of any other kind', async () => {
    const user = await portal.enrolled();
    const loginToken = await portal.loginToken(user);
    const code = user.phone.freshCode();
    for (const challenge of [user.token as string, loginToken, stack.operatorToken, user.id, '']) {
      (await stack.api.sendCode(challenge, { code })).refused('challenge-ended');
      (await gateway.verifyChallenge(challenge, { code })).refused('challenge-ended');
    }
    (await user.enterCode(code)).success();
  });

  it('R21 that is unknown, or altered in one bit, or written in another way, has ended', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const code = user.phone.freshCode();
    const bytes = Buffer.from(challenge, 'base64url');
    const turned = Array.from({ length: bytes.length }, (_, at) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
      return copy.toString('base64url');
    });
    const rewritten = [
      bytes.toString('base64'),
      `${challenge}=`,
      ` ${challenge}`,
      `${challenge}\n`,
      `${challenge.slice(0, 8)}!${challenge.slice(8)}`,
      challenge.slice(0, -1),
      `${challenge}A`,
      challenge.toLowerCase(),
      challenge + challenge,
    ].filter((text) => text !== challenge);
    const unknown = ['', 'x', 'ünknown ✓'];
    for (const altered of [...turned, ...rewritten, ...unknown]) {
      const answer = await stack.api.sendCode(altered, { code });
      expect(['challenge-ended', 'malformed-request']).toContain(answer.code);
      (await gateway.verifyChallenge(altered, { code })).refused('challenge-ended');
    }
    await expectNothingCounted(user);
    (await stack.api.sendCode(challenge, { code })).success();
  });

  it('R21 put together from two of them has ended', async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    const [mine, theirs] = [await user.challenge(), await other.challenge()].map((text) =>
      Buffer.from(text, 'base64url'),
    ) as [Buffer, Buffer];
    for (const at of [2, 13, 16, mine.length >> 1, mine.length - 16]) {
      const mixed = Buffer.concat([mine.subarray(0, at), theirs.subarray(at)]).toString('base64url');
      (await stack.api.sendCode(mixed, { code: user.phone.freshCode() })).refused('challenge-ended');
    }
  });

  it('R21 ends when the account is locked, and lives no more when it is unlocked (Keycloak #26177)', async () => {
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
    await expectNothingCounted(user);
  });

  it.each(['reset', 'disabled by the user', 'disabled by an administrator'] as const)(
    'R21 ends with its secret (%s), which leaves nothing that opens anything (Authelia, Kratos)',
    async (how) => {
      const user = await lenient.enrolled();
      const [old, oldCodes] = [user.phone, user.backupCodes];
      const before = await entrances(user, itsGateway);
      if (how === 'disabled by an administrator') (await lenient.api.disableFor(lenient.id, user.id)).success();
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
      const after = await entrances(user, itsGateway);
      for (const send of Object.values(after)) {
        (await send({ code: old.freshCode() })).refused('wrong-code');
        (await send({ backupCode: oldCodes[1] as string })).refused('wrong-code');
      }
      for (const send of [before.loginWithCode, before.verifyChallenge]) {
        (await send({ code: user.phone.freshCode() })).refused('challenge-ended');
      }
    },
  );

  it('R21 is ended by no wrong code', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    for (let i = 0; i < 4; i += 1) (await send(challenge, user.phone.wrongCode())).refused('wrong-code');
    (await send(challenge, user.phone.freshCode())).success();
  });

  it('R21 is ended by no newer challenge', async () => {
    const user = await portal.enrolled();
    const challenges = [await user.challenge(), await user.challenge(), await user.challengeAt(gateway)] as const;
    (await send(challenges[0], user.phone.freshCode())).success();
    (await gateway.verifyChallenge(challenges[2], { code: user.phone.freshCode() })).success();
    (await send(challenges[1], user.phone.freshCode())).success();
  });

  it('R21 that has ended is answered without looking at the code, malformed or right, and counts nothing', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    await user.fail(1);
    stack.clock.advance(301);
    const code = user.phone.freshCode();
    for (const typed of [code, user.phone.wrongCode(), user.phone.wrongCode(), user.phone.wrongCode(), '12 34', '']) {
      (await send(challenge, typed)).refused('challenge-ended');
      (await stack.api.sendCode(challenge, { backupCode: user.backupCodes[0] as string })).refused('challenge-ended');
    }
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 3 });
    (await send(await user.challenge(), code)).success();
    expect((await user.api.myTwoFactor()).success().backupCodesLeft).toBe(10);
  });
});
