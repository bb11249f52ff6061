import { ofType } from '#test/support/events.js';
import { Portal } from '#test/support/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);

/** Enrolled long enough ago that every step near the present one is unused; the clock stands at the start of a step. */
async function enrolledBefore() {
  const user = await portal.enrolled();
  stack.clock.advance(150);
  return { user, step: stack.clock.startOfStep() };
}

describe('a login with 2FA active', () => {
  it('R16 is complete only after a right code', async () => {
    const user = await portal.enrolled();
    const first = (await user.enterPassword()).success();
    if (first.status !== 'code-required') throw new Error('no code was asked for');
    expect(first).not.toHaveProperty('accessToken');
    for (const call of [stack.api.as(first.challenge).me(), stack.api.as(first.challenge).myTwoFactor()]) {
      (await call).refused('unauthenticated');
    }
    (await stack.api.as(first.challenge).setUp()).refused('unauthenticated');
    (await stack.api.sendCode(first.challenge, { code: user.phone.wrongCode() })).refused('wrong-code');

    const complete = (await stack.api.sendCode(first.challenge, { code: user.phone.freshCode() })).success();
    expect(complete.status).toBe('complete');
    expect((await stack.api.as(complete.accessToken).me()).success().id).toBe(user.id);
    expect(Math.abs(Date.parse(complete.expiresAt) - stack.clock.now() - 12 * 3600_000)).toBeLessThan(60_000);
  });

  it("R16 asks for a code when the portal is on, the add-on present, the account a Contributor's and confirmed: all four", async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    const asked = async () => (await user.enterPassword()).success().status === 'code-required';
    expect(await asked()).toBe(true);

    await own.set({ enabled: false });
    expect(await asked()).toBe(false);
    await own.set({ enabled: true });
    expect(await asked()).toBe(true);

    (await stack.operator.revokeAddOn(own.id)).success();
    expect(await asked()).toBe(false);
    (await stack.operator.grantAddOn(own.id)).success();
    expect(await asked()).toBe(true);

    (await own.api.changeAccount(own.id, user.id, { type: 'power-reader' })).success();
    expect(await asked()).toBe(false);
    (await own.api.changeAccount(own.id, user.id, { type: 'contributor' })).success();
    expect(await asked()).toBe(true);

    user.scan((await user.api.reset()).success().otpauthUri);
    expect(await asked()).toBe(false);
    (await user.api.confirm(user.phone.freshCode())).success();
    expect(await asked()).toBe(true);
  });
});

describe('a session', () => {
  it('R16 lasts 12 hours', async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    stack.clock.advance(31);
    await user.signIn();
    stack.clock.minutes(12 * 60 - 1);
    (await user.api.me()).success();
    stack.clock.minutes(1.1);
    (await user.api.me()).refused('session-ended');
    await portal.admin.signIn();
  });

  it('R16 ends at logging out', async () => {
    const user = await portal.enrolled();
    const other = await user.secondSession();
    (await user.api.logout()).success();
    (await user.api.me()).refused('session-ended');
    (await user.api.logout()).refused('session-ended');
    (await stack.api.as(other).me()).success();
  });
});

describe('the windows of a code', () => {
  it('R17 accepts the code of the previous 30-second window', async () => {
    const { user, step } = await enrolledBefore();
    (await user.enterCode(user.phone.codeAt(step - 1))).success();
  });

  it('R17 accepts the code of the current 30-second window', async () => {
    const { user, step } = await enrolledBefore();
    (await user.enterCode(user.phone.codeAt(step))).success();
  });

  it('R17 accepts the code of the next 30-second window', async () => {
    const { user, step } = await enrolledBefore();
    (await user.enterCode(user.phone.codeAt(step + 1))).success();
  });

  it.each([-3, -2, 2, 3])('R17 refuses the code %i windows away', async (away) => {
    const { user, step } = await enrolledBefore();
    const code = user.phone.codeAt(step + away);
    expect([-1, 0, 1].map((near) => user.phone.codeAt(step + near))).not.toContain(code);
    expect((await user.enterCode(code)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });

  it('R17 are the same at confirming, at a gateway and at re-authentication', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    stack.clock.advance(120);
    let step = stack.clock.startOfStep();
    (await user.api.confirm(user.phone.codeAt(step - 2))).refused('wrong-code');
    (await user.api.confirm(user.phone.codeAt(step + 2))).refused('wrong-code');
    (await user.api.confirm(user.phone.codeAt(step - 1))).success();

    stack.clock.advance(120);
    step = stack.clock.startOfStep();
    const challenge = await user.challengeAt(gateway);
    (await gateway.verifyChallenge(challenge, { code: user.phone.codeAt(step - 2) })).refused('wrong-code');
    (await gateway.verifyChallenge(challenge, { code: user.phone.codeAt(step + 2) })).refused('wrong-code');
    (await gateway.verifyChallenge(challenge, { code: user.phone.codeAt(step - 1) })).success();

    const { password } = user.credentials;
    stack.clock.advance(120);
    step = stack.clock.startOfStep();
    (await user.api.reAuthenticate({ password, code: user.phone.codeAt(step - 2) })).refused('wrong-code');
    (await user.api.reAuthenticate({ password, code: user.phone.codeAt(step + 2) })).refused('wrong-code');
    (await user.api.reAuthenticate({ password, code: user.phone.codeAt(step + 1) })).success();
  });
});

describe('a code that was accepted', () => {
  it('R18 is refused the second time, and counts as a failed attempt', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    (await user.enterCode(code)).success();
    expect((await user.enterCode(code)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
    const failures = ofType(await portal.eventsOf(user, 'AttemptFailed'), 'AttemptFailed');
    expect(failures.map(({ data }) => data.reason)).toEqual(['used']);
  });

  it('R18 makes every older one refused too', async () => {
    const { user, step } = await enrolledBefore();
    (await user.enterCode(user.phone.codeAt(step + 1))).success();
    (await user.enterCode(user.phone.codeAt(step))).refused('wrong-code');
    (await user.enterCode(user.phone.codeAt(step - 1))).refused('wrong-code');
    stack.clock.advance(60);
    (await user.enterCode(user.phone.codeAt(step + 2))).success();
  });

  it('R18 at confirming is refused at login', async () => {
    const user = await portal.contributor();
    await user.beginSetUp();
    const code = user.phone.currentCode();
    (await user.api.confirm(code)).success();
    (await user.enterCode(code)).refused('wrong-code');
  });

  it('R18 at login is refused at confirming another secret in the same time step', async () => {
    const { user, step } = await enrolledBefore();
    user.token = (await user.enterCode(user.phone.codeAt(step))).success().accessToken;
    user.scan((await user.api.reset()).success().otpauthUri);
    (await user.api.confirm(user.phone.codeAt(step - 1))).refused('wrong-code');
    (await user.api.confirm(user.phone.codeAt(step))).refused('wrong-code');
    (await user.api.confirm(user.phone.codeAt(step + 1))).success();
  });

  it('R18 is refused at every other entrance: login, a gateway, re-authentication', async () => {
    const gateway = await portal.service('challenges');
    const user = await portal.enrolled();
    const { password } = user.credentials;
    const atGateway = async (code: string) => {
      const opened = (await gateway.openChallenge(portal.id, user.id)).success();
      return gateway.verifyChallenge(opened.required ? opened.challenge : '', { code });
    };
    const entrances = [
      (code: string) => user.enterCode(code),
      atGateway,
      (code: string) => user.api.reAuthenticate({ password, code }),
    ];
    for (const first of entrances) {
      const code = user.phone.freshCode();
      expect((await first(code)).code).toBeNull();
      for (const entrance of entrances) expect((await entrance(code)).code).toBe('wrong-code');
    }
  });

  it('R18 is right for one of many who send it at once', async () => {
    const user = await portal.enrolled();
    const challenges = await Promise.all(Array.from({ length: 4 }, () => user.challenge()));
    const code = user.phone.freshCode();
    const answers = await Promise.all(challenges.map((challenge) => stack.api.sendCode(challenge, { code })));
    expect(answers.map((answer) => answer.code).sort()).toEqual(
      [null, 'wrong-code', 'wrong-code', 'wrong-code'].sort(),
    );
  });

  it('R18 is refused after a restart', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    (await user.enterCode(code)).success();
    await stack.restart();
    (await user.enterCode(code)).refused('wrong-code');
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it("R18 is refused when the server's clock was set back, and so is every older one", async () => {
    const { user, step } = await enrolledBefore();
    const before = stack.clock.offsetSeconds;
    (await user.enterCode(user.phone.codeAt(step))).success();
    stack.clock.set(before - 30);
    (await user.enterCode(user.phone.codeAt(step))).refused('wrong-code');
    stack.clock.set(before - 90);
    (await user.enterCode(user.phone.codeAt(step))).refused('wrong-code');
    (await user.enterCode(user.phone.codeAt(step - 3))).refused('wrong-code');
    await stack.restart();
    (await user.enterCode(user.phone.codeAt(step - 3))).refused('wrong-code');
    stack.clock.set(before + 40);
    (await user.enterCode(user.phone.codeAt(step + 1))).success();
  });
});
