import { entrances, everywhereAtOnce, successes } from '#test/support/calls/entrances.js';
import { ofType } from '#test/support/events.js';
import type { Authenticator } from '#test/support/people/authenticator.js';
import type { Person } from '#test/support/people/portal.js';
import { useGateway, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const gateway = useGateway(portal);
/** Where guesses lock nobody. */
const lenient = usePortal(stack, { maxFailedAttempts: 100 });
const itsGateway = useGateway(lenient);

/** With three apps, and their ids. */
async function withThree(own = portal) {
  const user = await own.enrolled();
  const apps = [user.phone, await user.addApp('Tablet'), await user.addApp('Key ring')] as const;
  return { user, apps, ids: await user.authenticatorIds() };
}
const left = (answer: { refused(code: string): Record<string, unknown> }) => answer.refused('wrong-code').attemptsLeft;
/** Six digits that are nobody's. */
function wrongFor(apps: readonly Authenticator[]): string {
  const step = stack.clock.step();
  const near = new Set(apps.flatMap((app) => [-3, -2, -1, 0, 1, 2, 3].map((away) => app.codeAt(step + away))));
  for (let guess = 111_111; ; guess += 7)
    if (!near.has(String(guess).padStart(6, '0'))) return String(guess).padStart(6, '0');
}
const named = async (user: Person, count: number) =>
  ofType(await portal.eventsOf(user, 'AttemptSucceeded', count), 'AttemptSucceeded').map(({ data }) => data);

describe('with several authenticators', () => {
  it.each(['loginWithCode', 'verifyChallenge', 'reAuthenticate'] as const)(
    'R45 any one of them passes at %s, and the event names it',
    async (entrance) => {
      const { user, apps, ids } = await withThree();
      for (const app of apps) {
        const send = (await entrances(user, gateway))[entrance];
        (await send({ code: app.freshCode() })).success();
      }
      const events = await named(user, 3);
      expect(events.map(({ authenticatorId }) => authenticatorId)).toEqual(ids);
      expect(events.map(({ method, alsoMatched }) => [method, alsoMatched])).toEqual(
        ids.map(() => ['totp', undefined]),
      );
    },
  );

  it('R45 a backup code passes for the account, and the event names none', async () => {
    const { user } = await withThree();
    (await user.enterBackupCode(user.backupCodes[0]!)).success();
    expect((await named(user, 1))[0]).not.toHaveProperty('authenticatorId');
    expect((await user.api.myTwoFactor()).success().backupCodesLeft).toBe(9);
  });

  it.each([0, 1, 2])('R17 each has its three windows, and no more: number %i', async (index) => {
    const { user, apps } = await withThree(lenient);
    stack.clock.advance(180);
    const step = stack.clock.startOfStep();
    for (const away of [-3, -2, 2, 3]) (await user.enterCode(apps[index]!.codeAt(step + away))).refused('wrong-code');
    for (const away of [-1, 0, 1]) (await user.enterCode(apps[index]!.codeAt(step + away))).success();
  });

  it('R18 each code passes once, and an older one of the same app never, whatever the others have passed', async () => {
    const { user, apps } = await withThree(lenient);
    stack.clock.advance(120);
    const step = stack.clock.startOfStep();
    const [phone, tablet, ring] = apps;
    (await user.enterCode(phone.codeAt(step + 1))).success();
    // older than what the phone has passed, and of another app
    (await user.enterCode(tablet.codeAt(step - 1))).success();
    (await user.enterCode(ring.codeAt(step))).success();
    for (const send of Object.values(await entrances(user, itsGateway))) {
      for (const away of [-1, 0, 1]) (await send({ code: phone.codeAt(step + away) })).refused('wrong-code');
    }
    (await user.enterCode(tablet.codeAt(step - 1))).refused('wrong-code');
    (await user.enterCode(tablet.codeAt(step))).success();
    (await user.enterCode(ring.codeAt(step - 1))).refused('wrong-code');
    (await user.enterCode(ring.codeAt(step + 1))).success();
  });

  it('R18 the code that one was confirmed with is used', async () => {
    const user = await portal.enrolled();
    const tablet = await user.addApp('Tablet');
    const code = tablet.codeAt(tablet.lastShown);
    (await user.enterCode(code)).refused('wrong-code');
    const events = ofType(await portal.eventsOf(user, 'AttemptFailed'), 'AttemptFailed');
    expect(events).toMatchObject([{ data: { reason: 'used' } }]);
  });

  it('R18 a code of any of them is right once of 30 times at the same moment over every entrance', async () => {
    const { user, apps } = await withThree(lenient);
    for (const app of apps) {
      const answers = await everywhereAtOnce(user, itsGateway, { code: app.freshCode() });
      expect(successes(answers)).toBe(1);
    }
    const events = await lenient.eventsOf(user, 'AttemptSucceeded', 3);
    expect(ofType(events, 'AttemptSucceeded')).toHaveLength(3);
  });

  it('R22 failures are counted once for all of them, and a success of any forgets all', async () => {
    const { user, apps } = await withThree();
    const wrong = () => wrongFor(apps);
    const used = apps[1].freshCode();
    (await user.enterCode(used)).success();
    expect(left(await user.enterCode(wrong()))).toBe(4);
    expect(left(await user.enterCode(used))).toBe(3);
    expect(left(await user.enterCode(wrong()))).toBe(2);
    expect(left(await gateway.verifyChallenge(await user.challengeAt(gateway), { code: wrong() }))).toBe(1);
    (await user.enterCode(apps[2].freshCode())).success();
    expect(left(await user.enterCode(wrong()))).toBe(4);
    const failures = ofType(await portal.eventsOf(user, 'AttemptFailed', 5), 'AttemptFailed');
    expect(failures.map(({ data }) => [data.reason, data.failedAttempts])).toEqual([
      ['wrong', 1],
      ['used', 2],
      ['wrong', 3],
      ['wrong', 4],
      ['wrong', 1],
    ]);
  });

  it('R23 the lock is one for all of them: no code is looked at any more', async () => {
    const { user, apps } = await withThree();
    const challenge = await user.challenge();
    for (let count = 4; count > 0; count -= 1) expect(left(await user.enterCode(wrongFor(apps)))).toBe(count);
    (await user.enterCode(wrongFor(apps))).refused('account-locked');
    for (const app of apps) {
      (await stack.api.sendCode(challenge, { code: app.freshCode() })).refused('account-locked');
    }
    (await user.enterPassword()).refused('account-locked');
    (await user.api.authenticators()).refused('session-ended');
    (await portal.api.unlock(portal.id, user.id)).success();
    for (const app of apps) (await user.enterCode(app.freshCode())).success();
  });

  it('R27 a code that is not six digits is bad input, and counts for none', async () => {
    const { user } = await withThree();
    for (const code of ['', '12345', '1234567', '12345678', '１２３４５６', '12 456']) {
      for (const send of Object.values(await entrances(user, gateway)))
        (await send({ code })).refused('malformed-code');
    }
    expect(left(await user.fail(1))).toBe(4);
  });

  it('R27 nor is it for one that is being added', async () => {
    const user = await portal.enrolled();
    const { setupId } = (await user.api.addTotp('Tablet')).success();
    for (const code of ['', '12345', '12345678']) (await user.api.confirmTotp(code, setupId)).refused('malformed-code');
    expect((await user.api.confirmTotp('000000', setupId)).refused('wrong-code')).toMatchObject({ attemptsLeft: 9 });
  });
});

describe('the proof', () => {
  it('R14 is given by any of them at login, and by a backup code', async () => {
    const { user, apps } = await withThree();
    for (const app of apps) {
      const { accessToken } = (await user.enterCode(app.freshCode())).success();
      (await stack.api.as(accessToken).newBackupCodes()).success();
    }
    const { accessToken } = (await user.enterCode(apps[2].freshCode())).success();
    const [code] = (await stack.api.as(accessToken).newBackupCodes()).success().backupCodes;
    const last = (await user.enterBackupCode(code!)).success();
    (await stack.api.as(last.accessToken).newBackupCodes()).success();
  });

  it('R14 is given by confirming one more', async () => {
    const user = await portal.contributor();
    const second = await user.secondSession();
    await user.enrol();
    const other = stack.api.as(second);
    const { password } = user.credentials;
    expect((await other.addTotp('Tablet')).refused('re-authentication-required').needs).toEqual(['code']);
    (await other.reAuthenticate({ password, code: user.phone.freshCode() })).success();
    const tablet = user.scan((await other.addTotp('Tablet')).success().otpauthUri);
    (await other.confirmTotp(tablet.freshCode())).success();
    (await other.newBackupCodes()).success();
  });

  it('R14 is not given by one that another session has removed since', async () => {
    const { user, apps, ids } = await withThree();
    const { accessToken } = (await user.enterCode(apps[1].freshCode())).success();
    (await user.api.removeAuthenticator(ids[1]!)).success();
    (await stack.api.as(accessToken).newBackupCodes()).refused('session-ended');
  });
});
