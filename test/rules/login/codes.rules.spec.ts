import { createHash } from 'node:crypto';
import { entrances, everywhereAtOnce, successes, times } from '#test/support/calls/entrances.js';
import { allEndpoints, callOf, sampleOf } from '#test/support/calls/samples.js';
import { ofType } from '#test/support/events.js';
import { Portal } from '#test/support/people/portal.js';
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

/** All but those that anybody may make. */
const closed = allEndpoints.filter(({ allow }) => !allow.includes('public'));

describe('between password and code (Grav CVE-2026-62232, CVE-2025-64103, GHSA-4qvm-r4pr-v3wg)', () => {
  it('R16 nothing works with the challenge: no session, no profile, no setup, no QR code, no other call', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const before = await portal.allEvents();
    for (const endpoint of closed) {
      const { method, path, body } = sampleOf(endpoint, { portal: portal.id, account: user.id, token: 'any' });
      for (const api of [stack.api.as(challenge), stack.api.as(`ses_${challenge}`), stack.api]) {
        const answer = await api.raw(method, path, body);
        expect([callOf(endpoint), answer.status, JSON.parse(answer.text).code]).toEqual([
          callOf(endpoint),
          401,
          'unauthenticated',
        ]);
      }
    }
    (await stack.api.loginWithToken(portal.id, challenge)).refused('invalid-credentials');
    (await stack.api.loginWithSso(portal.id, challenge)).refused('invalid-credentials');
    expect(await portal.allEvents()).toEqual(before);
    (await stack.api.sendCode(challenge, { code: user.phone.freshCode() })).success();
  });

  it('R16 nothing is told but that a code is needed: the answer names no account, portal or secret', async () => {
    const user = await portal.enrolled();
    const reply = (await user.enterPassword()).success();
    if (reply.status !== 'code-required') throw new Error('no code was asked for');
    expect(Object.keys(reply).sort()).toEqual(['challenge', 'expiresAt', 'status']);
    const bytes = Buffer.from(reply.challenge, 'base64url').toString('latin1') + reply.challenge;
    for (const known of [user.id, portal.id, user.credentials.username, user.phone.base32]) {
      expect(bytes).not.toContain(known);
    }
    expect((await user.enterPassword()).success()).not.toEqual(reply);
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

  it('R16 is not the hash of its token, nor its id, nor a token of another kind', async () => {
    const user = await portal.enrolled();
    const token = user.token as string;
    const { data } = ofType(await portal.eventsOf(user, 'TwoFactorEnabled'), 'TwoFactorEnabled')[0]!;
    const hash = createHash('sha256').update(token).digest();
    const guesses = [hash.toString('hex'), `ses_${hash.toString('base64url')}`, `ses_${String(data.sessionId)}`];
    for (const guess of [
      ...guesses,
      token.replace('ses_', 'svc_'),
      token.replace('ses_', ''),
      token.toUpperCase(),
      await portal.loginToken(user),
    ]) {
      (await stack.api.as(guess).me()).refused('unauthenticated');
    }
  });

  it('R16 that was ended is not opened again by a challenge from before: what it opens begins anew', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    (await user.api.logout()).success();
    const { accessToken } = (await stack.api.sendCode(challenge, { code: user.phone.freshCode() })).success();
    (await user.api.me()).refused('session-ended');
    (await stack.api.as(accessToken).me()).success();
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
  /** Where guesses lock nobody. */
  const lenient = usePortal(stack, { maxFailedAttempts: 100 });
  const itsGateway = useGateway(lenient);

  it('R18 is refused the second time, and counts as a failed attempt', async () => {
    const user = await portal.enrolled();
    const code = user.phone.freshCode();
    (await user.enterCode(code)).success();
    expect((await user.enterCode(code)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
    const failures = ofType(await portal.eventsOf(user, 'AttemptFailed'), 'AttemptFailed');
    expect(failures.map(({ data }) => data.reason)).toEqual(['used']);
  });

  it.each(['loginWithCode', 'verifyChallenge', 'reAuthenticate', 'confirmTwoFactor'] as const)(
    'R18 is refused everywhere once it passed at %s, and so is an older one (Fortify CVE-2022-25838, Vault CVE-2025-6014, ZITADEL #6452, better-auth #10387, Keycloak #13607)',
    async (first) => {
      const user = await lenient.enrolled();
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
        (await (await entrances(user, itsGateway))[first]({ code: user.phone.codeAt(step) })).success();
      }
      for (const used of [step, step - 1]) {
        for (const send of Object.values(await entrances(user, itsGateway))) {
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

  it('R18 is right once of 30 times at the same moment over every entrance', async () => {
    const user = await lenient.enrolled();
    const answers = await everywhereAtOnce(user, itsGateway, { code: user.phone.freshCode() });
    expect(successes(answers)).toBe(1);
    expect(answers.filter(({ code }) => code === 'wrong-code' || code === 'challenge-ended')).toHaveLength(29);
    const events = await lenient.eventsOf(user, 'AttemptFailed', 29);
    expect(ofType(events, 'AttemptSucceeded')).toHaveLength(1);
  });

  it("R18 is refused when the server's clock was set back, and after a restart, and so is every older one", async () => {
    const user = await lenient.enrolled();
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

describe('two honest logins at once with different right codes (Keycloak #48272)', () => {
  it('R18 both pass when the older time step comes first, otherwise the older is refused as used', async () => {
    const user = await portal.enrolled();
    stack.clock.advance(90);
    const step = stack.clock.startOfStep();
    const [a, b, c] = await times(3, () => user.challenge());
    (await stack.api.sendCode(a as string, { code: user.phone.codeAt(step - 1) })).success();
    (await stack.api.sendCode(b as string, { code: user.phone.codeAt(step) })).success();
    (await stack.api.sendCode(c as string, { code: user.phone.codeAt(step - 1) })).refused('wrong-code');
  });

  it('R18 at the same moment: the newer passes, the older passes before it or is used', async () => {
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
