import { ofType, shortType } from '#test/support/events.js';
import type { Person } from '#test/support/people/portal.js';
import { vaultEntries } from '#test/support/stored/vault-entries.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);

/** With a phone and a tablet: two apps, and their ids. */
async function withTwo() {
  const user = await portal.enrolled();
  const tablet = await user.addApp('Tablet');
  const [first, second] = (await user.authenticatorIds()) as [string, string];
  return { user, tablet, first, second };
}
const namesOf = async (user: Person) =>
  (await user.api.authenticators()).success().authenticators.map(({ name }) => name);
const total = () => vaultEntries(stack);

describe('removing an authenticator', () => {
  it('R45 its codes are wrong from then on, those of the others and backup codes right', async () => {
    const { user, tablet, second } = await withTwo();
    (await user.api.removeAuthenticator(second)).success();
    expect(await namesOf(user)).toEqual(['Authenticator app']);
    (await user.enterCode(tablet.freshCode())).refused('wrong-code');
    (await user.enterCode(user.phone.freshCode())).success();
    (await user.enterBackupCode(user.backupCodes[0]!)).success();
    (await user.api.removeAuthenticator(second)).refused('not-found');
    (await user.api.renameAuthenticator(second, 'Tablet')).refused('not-found');
  });

  it('R45 the first one goes as any other, and 2FA stays', async () => {
    const { user, tablet, first } = await withTwo();
    (await user.api.removeAuthenticator(first)).success();
    expect(await namesOf(user)).toEqual(['Tablet']);
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ status: 'enabled', backupCodesLeft: 10 });
    (await user.enterCode(user.phone.freshCode())).refused('wrong-code');
    (await user.enterCode(tablet.freshCode())).success();
    // what a backup code proves is of the account, whichever authenticator is gone
    const { accessToken } = (await user.enterBackupCode(user.backupCodes[0]!)).success();
    (await stack.api.as(accessToken).newBackupCodes()).success();
  });

  it('R45 ends all other sessions and all open challenges, and keeps the session that did it', async () => {
    const { user, second } = await withTwo();
    const other = await user.secondSession();
    const [challenge, atGateway] = [await user.challenge(), await user.challengeAt(gateway)];
    (await user.api.removeAuthenticator(second)).success();
    (await stack.api.as(other).me()).refused('session-ended');
    (await user.api.me()).success();
    const code = user.phone.freshCode();
    (await stack.api.sendCode(challenge, { code })).refused('challenge-ended');
    (await gateway.verifyChallenge(atGateway, { code })).refused('challenge-ended');
    (await user.enterCode(code)).success();
    (await user.api.newBackupCodes()).success();
  });

  it('R45 adding one ends none of them', async () => {
    const user = await portal.enrolled();
    const [other, challenge] = [await user.secondSession(), await user.challenge()];
    await user.addApp('Tablet');
    (await stack.api.as(other).me()).success();
    (await stack.api.sendCode(challenge, { code: user.phone.freshCode() })).success();
  });

  it('R45 takes back no failed attempt', async () => {
    const { user, second } = await withTwo();
    (await user.fail(3)).refused('wrong-code');
    (await user.api.removeAuthenticator(second)).success();
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 1 });
  });

  it('R45 the last one is disabling 2FA', async () => {
    const { user, first, second } = await withTwo();
    const other = await user.secondSession();
    for (const id of [first, second]) (await user.api.removeAuthenticator(id)).success();
    expect(await namesOf(user)).toEqual([]);
    expect((await user.api.myTwoFactor()).success()).toMatchObject({ status: 'none', backupCodesLeft: 0 });
    (await stack.api.as(other).me()).refused('session-ended');
    expect((await user.enterPassword()).success().status).toBe('complete');
    const events = (await portal.eventsOf(user, 'TwoFactorDisabled')).map(shortType);
    expect(events.slice(-2)).toEqual(['AuthenticatorRemoved', 'TwoFactorDisabled']);
  });

  it('R14 asks for a fresh proof; whether there is one comes before, and what is wrong leaves all as it was', async () => {
    const { user, tablet, second } = await withTwo();
    stack.clock.minutes(11);
    const answer = await user.api.removeAuthenticator(second);
    expect(answer.refused('re-authentication-required').needs).toEqual(['password', 'code']);
    (await user.api.removeAuthenticator('unknown')).refused('not-found');
    expect(await namesOf(user)).toEqual(['Authenticator app', 'Tablet']);
    // by the app that is to go
    const { password } = user.credentials;
    (await user.api.reAuthenticate({ password, code: tablet.freshCode() })).success();
    (await user.api.removeAuthenticator(second)).success();
  });

  it('R18 what it had passed with is not right for one that comes in its place', async () => {
    const { user, second } = await withTwo();
    const passed = stack.clock.step();
    (await user.api.removeAuthenticator(second)).success();
    const { otpauthUri } = (await user.api.addTotp('Tablet')).success();
    const next = user.scan(otpauthUri);
    stack.clock.advanceToStep(passed);
    (await user.api.confirmTotp(next.codeAt(passed))).refused('wrong-code');
    (await user.api.confirmTotp(next.freshCode())).success();
  });
});

describe('what ends all', () => {
  const endings: [string, (user: Person) => Promise<unknown>][] = [
    ['disabling', async (user) => (await user.api.disable()).success()],
    ["an administrator's disabling", async (user) => (await portal.api.disableFor(portal.id, user.id)).success()],
  ];

  it.each(endings)(
    'R45 %s leaves none of them, in the list or the vault, and no code of any is right',
    async (_, end) => {
      const none = await total();
      const { user, tablet } = await withTwo();
      (await user.api.addTotp('Begun')).success();
      const [phone, codes] = [user.phone, user.backupCodes];
      expect(await total()).toBe(none + 4);
      await end(user);
      expect(await total()).toBe(none);
      expect(await namesOf(user)).toEqual([]);
      expect((await user.enterPassword()).success().status).toBe('complete');
      await user.signIn();
      await user.enrol();
      for (const app of [phone, tablet]) (await user.enterCode(app.freshCode())).refused('wrong-code');
      (await user.enterBackupCode(codes[0]!)).refused('wrong-code');
      expect(await namesOf(user)).toEqual(['Authenticator app']);
    },
  );

  it('R13 a reset destroys the secret of each before it answers, and what was being added', async () => {
    const none = await total();
    const { user, tablet } = await withTwo();
    (await user.api.addTotp('Begun')).success();
    const [phone, other] = [user.phone, await user.secondSession()];
    user.scan((await user.api.reset()).success().otpauthUri);
    expect(await total()).toBe(none + 1);
    expect(await namesOf(user)).toEqual([]);
    (await stack.api.as(other).me()).refused('session-ended');
    for (const app of [phone, tablet]) (await user.api.confirm(app.freshCode())).refused('wrong-code');
    user.backupCodes = (await user.api.confirm(user.phone.freshCode())).success().backupCodes;
    for (const app of [phone, tablet]) (await user.enterCode(app.freshCode())).refused('wrong-code');
    (await user.enterCode(user.phone.freshCode())).success();
  });

  it('R13 a removal destroys its secret before it answers, also when the process is killed then', async () => {
    const none = await total();
    const { user, tablet, first, second } = await withTwo();
    expect(await total()).toBe(none + 3);
    (await user.api.removeAuthenticator(second)).success();
    await stack.restart();
    expect(await total()).toBe(none + 2);
    (await user.enterCode(tablet.freshCode())).refused('wrong-code');
    await user.reAuthenticate();
    (await user.api.removeAuthenticator(first)).success();
    expect(await total()).toBe(none);
  });

  it('R13 a setup that another replaces or ten wrong codes end leaves nothing in the vault', async () => {
    const { user } = await withTwo();
    const before = await total();
    (await user.api.addTotp('Begun')).success();
    const { setupId } = (await user.api.addTotp('Begun anew')).success();
    expect(await total()).toBe(before + 1);
    for (let i = 0; i < 10; i += 1) (await user.api.confirmTotp('000000', setupId)).refused('wrong-code');
    expect(await total()).toBe(before);
  });

  it('R42 a deletion leaves none of them either', async () => {
    const none = await total();
    const { user, tablet } = await withTwo();
    const challenge = await user.challenge();
    (await portal.api.deleteAccount(portal.id, user.id)).success();
    expect(await total()).toBe(none);
    (await stack.api.sendCode(challenge, { code: tablet.freshCode() })).refused('challenge-ended');
    (await user.api.authenticators()).refused('session-ended');
    expect(ofType(await portal.eventsOf(user, 'SecondFactorErased'), 'SecondFactorErased')).toHaveLength(1);
  });
});
