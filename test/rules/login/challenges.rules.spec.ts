import { type Person, Portal } from '#test/support/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);

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

  it('R21 passes once, however many right codes come at once', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const code = user.phone.freshCode();
    const typed = [{ code }, ...user.backupCodes.map((backupCode) => ({ backupCode }))];
    const answers = await Promise.all(typed.map((each) => stack.api.sendCode(challenge, each)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.code === 'challenge-ended')).toHaveLength(10);
    await expectNothingCounted(user);
  });

  it('R21 passes once at a gateway', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challengeAt(gateway);
    const reply = (await gateway.verifyChallenge(challenge, { code: user.phone.freshCode() })).success();
    expect(reply).toEqual({ passed: true, accountId: user.id, method: 'totp' });
    (await gateway.verifyChallenge(challenge, { code: user.phone.freshCode() })).refused('challenge-ended');
  });

  it("R21 belongs to one account: another's code is wrong", async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    const challenge = await user.challenge();
    (await send(challenge, other.phone.freshCode())).refused('wrong-code');
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 3 });
    await expectNothingCounted(other);
  });

  it('R21 belongs to one purpose: one of a login passes at no gateway, one of a gateway is no login', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    (await gateway.verifyChallenge(await user.challenge(), { code })).refused('challenge-ended');
    (await send(await user.challengeAt(gateway), code)).refused('challenge-ended');
    await expectNothingCounted(user);
    (await send(await user.challenge(), code)).success();
  });

  it('R21 belongs to the gateway that opened it', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    const challenge = await user.challengeAt(gateway);
    const elsewhere = await (await Portal.make(stack)).service('challenges');
    for (const other of [await portal.service('challenges'), elsewhere]) {
      (await other.verifyChallenge(challenge, { code })).refused('challenge-ended');
      (await other.verifyChallenge(challenge, { code: user.phone.wrongCode() })).refused('challenge-ended');
    }
    (await (await portal.service('commands', 'events')).verifyChallenge(challenge, { code })).refused('forbidden');
    (await user.api.verifyChallenge(challenge, { code })).refused('forbidden');
    (await elsewhere.openChallenge(portal.id, user.id)).refused('not-found');
    (await gateway.openChallenge(portal.id, 'nobody')).refused('not-found');
    await expectNothingCounted(user);
    (await gateway.verifyChallenge(challenge, { code })).success();
  });

  it('R21 that is unknown or altered has ended', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const code = user.phone.freshCode();
    for (let i = 0; i < challenge.length; i += 7) {
      const other = challenge[i] === 'A' ? 'B' : 'A';
      const altered = challenge.slice(0, i) + other + challenge.slice(i + 1);
      (await send(altered, code)).refused('challenge-ended');
      (await gateway.verifyChallenge(altered, { code })).refused('challenge-ended');
    }
    for (const unknown of ['', 'x', challenge.slice(0, -1), `${challenge}A`, `${challenge}${challenge}`, 'ünknown ✓']) {
      (await send(unknown, code)).refused('challenge-ended');
    }
    await expectNothingCounted(user);
    (await send(challenge, code)).success();
  });

  it('R21 ends when the account is locked, and lives no more when it is unlocked', async () => {
    const user = await portal.enrolled();
    const [atLogin, atGateway] = [await user.challenge(), await user.challengeAt(gateway)];
    await user.lock();
    (await send(atLogin, user.phone.freshCode())).refused('account-locked');
    (await portal.api.unlock(portal.id, user.id)).success();
    (await send(atLogin, user.phone.freshCode())).refused('challenge-ended');
    (await gateway.verifyChallenge(atGateway, { code: user.phone.freshCode() })).refused('challenge-ended');
    await expectNothingCounted(user);
  });

  it('R21 ends when the secret is reset', async () => {
    const user = await portal.enrolled();
    const [atLogin, atGateway] = [await user.challenge(), await user.challengeAt(gateway)];
    const old = user.phone;
    user.scan((await user.api.reset()).success().otpauthUri);
    (await send(atLogin, old.freshCode())).refused('challenge-ended');
    (await user.api.confirm(user.phone.freshCode())).success();
    (await send(atLogin, user.phone.freshCode())).refused('challenge-ended');
    (await gateway.verifyChallenge(atGateway, { code: user.phone.freshCode() })).refused('challenge-ended');
    await expectNothingCounted(user);
  });

  it.each([
    ['the user', (user: Person) => user.api.disable()],
    ['an administrator', (user: Person) => portal.api.disableFor(portal.id, user.id)],
  ])('R21 ends when 2FA is disabled by %s, and lives no more when it is set up again', async (_, disable) => {
    const user = await portal.enrolled();
    const [atLogin, atGateway] = [await user.challenge(), await user.challengeAt(gateway)];
    (await disable(user)).success();
    (await send(atLogin, user.phone.freshCode())).refused('challenge-ended');
    await (await user.signIn()).enrol();
    (await send(atLogin, user.phone.freshCode())).refused('challenge-ended');
    (await gateway.verifyChallenge(atGateway, { code: user.phone.freshCode() })).refused('challenge-ended');
    await expectNothingCounted(user);
  });

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
