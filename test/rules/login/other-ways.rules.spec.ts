import { successes, times } from '#test/support/calls/entrances.js';
import { Portal } from '#test/support/people/portal.js';
import { useIdentityProvider, usePortal, useProduct } from '#test/support/use-stack.js';

const stack = useProduct();
const portal = usePortal(stack);
const provider = useIdentityProvider();

describe('logins without a password', () => {
  it('R19 by a login token ask for no code, with 2FA active', async () => {
    const user = await portal.enrolled();
    const reply = (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success();
    expect(reply.status).toBe('complete');
    expect((await stack.api.as(reply.accessToken).me()).success().id).toBe(user.id);
    expect((await user.enterPassword()).success().status).toBe('code-required');
  });

  it.each(['ES256', 'RS256'] as const)('R19 by SSO ask for no code, with 2FA active (%s)', async (algorithm) => {
    const user = await portal.enrolled();
    await provider.serve(portal, user);
    const reply = (await stack.api.loginWithSso(portal.id, await provider.idToken(user, { algorithm }))).success();
    expect(reply.status).toBe('complete');
    expect((await stack.api.as(reply.accessToken).me()).success().id).toBe(user.id);
    expect((await user.enterPassword()).success().status).toBe('code-required');
  });

  it('R19 by a login token work once, within 10 minutes, in their own portal', async () => {
    const [user, other] = [await portal.register(), await Portal.make(stack)];
    const token = await portal.loginToken(user);
    (await stack.api.loginWithToken(other.id, token)).refused('invalid-credentials');
    (await stack.api.loginWithToken(portal.id, token)).success();
    (await stack.api.loginWithToken(portal.id, token)).refused('invalid-credentials');

    const { token: late, expiresAt } = (await portal.api.issueLoginToken(portal.id, user.id)).success();
    expect(Math.abs(Date.parse(expiresAt) - stack.clock.now() - 600_000)).toBeLessThan(5_000);
    stack.clock.advance(601);
    (await stack.api.loginWithToken(portal.id, late)).refused('invalid-credentials');
  });

  it('R19 by one login token 20 times at the same moment: one logs in', async () => {
    const user = await portal.register();
    const token = await portal.loginToken(user);
    const answers = await times(20, () => stack.api.loginWithToken(portal.id, token));
    expect(successes(answers)).toBe(1);
    for (const answer of answers) if (answer.code !== null) answer.refused('invalid-credentials');
  });

  it('R19 by SSO work once with each token, which is at most 5 minutes old', async () => {
    const [user, stranger] = [await portal.register(), await portal.register()];
    await provider.serve(portal, user);
    const token = await provider.idToken(user);
    (await stack.api.loginWithSso(portal.id, token)).success();
    (await stack.api.loginWithSso(portal.id, token)).refused('invalid-credentials');
    (await stack.api.loginWithSso(portal.id, await provider.idToken(user, { ageSeconds: 290 }))).success();
    (await stack.api.loginWithSso(portal.id, await provider.idToken(user, { ageSeconds: 310 }))).refused(
      'invalid-credentials',
    );
    (await stack.api.loginWithSso(portal.id, await provider.idToken(stranger))).refused('invalid-credentials');
    const [head, , signature] = (await provider.idToken(user)).split('.') as [string, string, string];
    const [, payload] = (await provider.idToken(user)).split('.') as [string, string];
    (await stack.api.loginWithSso(portal.id, `${head}.${payload}.${signature}`)).refused('invalid-credentials');
  });
});

describe('2FA off for the portal', () => {
  it('R20 asks for no code, of those either who had set it up', async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    await own.set({ enabled: false });
    const reply = (await user.enterPassword()).success();
    expect(reply.status).toBe('complete');
    if (reply.status === 'complete') (await stack.api.as(reply.accessToken).me()).success();
  });

  it('R20 turned on again, their setup counts again', async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    (await user.enterBackupCode(user.backupCodes[0] as string)).success();
    await own.set({ enabled: false });
    await own.set({ enabled: true });
    (await user.enterCode(user.phone.wrongCode())).refused('wrong-code');
    (await user.enterBackupCode(user.backupCodes[0] as string)).refused('wrong-code');
    (await user.enterBackupCode(user.backupCodes[1] as string)).success();
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it('R20 looks at no code that is sent for an older challenge', async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    const challenge = await user.challenge();
    await own.set({ enabled: false });
    for (let i = 0; i < 7; i += 1) {
      const { code } = await stack.api.sendCode(challenge, { code: user.phone.wrongCode() });
      expect([null, 'challenge-ended']).toContain(code);
    }
    await own.set({ enabled: true });
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });

  it('R20 ends no session, turned off or on', async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    await own.set({ enabled: false });
    (await user.api.me()).success();
    const { token } = await user.signIn();
    await own.set({ enabled: true });
    (await stack.api.as(token as string).me()).success();
  });
});
