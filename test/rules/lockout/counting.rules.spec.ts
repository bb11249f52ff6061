import type { Api } from '#test/support/client.js';
import { noBackupCode } from '#test/support/entrances.js';
import { ofType } from '#test/support/events.js';
import { newAddress } from '#test/support/http.js';
import { type Person, Portal } from '#test/support/portal.js';
import { IdentityProvider } from '#test/support/sso.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);

const left = (answer: { refused(code: string): Record<string, unknown> }) => answer.refused('wrong-code').attemptsLeft;

describe('failed attempts', () => {
  it('R22 at login, at a gateway and as proof, by code or backup code, wrong or used, add up in one count', async () => {
    const user = await portal.enrolled();
    const used = user.phone.freshCode();
    (await user.enterCode(used)).success();
    const { password } = user.credentials;

    expect(left(await user.enterCode(user.phone.wrongCode()))).toBe(4);
    expect(left(await user.enterBackupCode(noBackupCode))).toBe(3);
    expect(left(await gateway.verifyChallenge(await user.challengeAt(gateway), { code: user.phone.wrongCode() }))).toBe(
      2,
    );
    expect(left(await user.api.reAuthenticate({ password, backupCode: noBackupCode }))).toBe(1);
    (await user.enterCode(used)).refused('account-locked');

    const failures = ofType(await portal.eventsOf(user, 'AccountLocked'), 'AttemptFailed');
    expect(failures.map(({ data }) => [data.purpose, data.method, data.reason, data.failedAttempts])).toEqual([
      ['login', 'totp', 'wrong', 1],
      ['login', 'backup-code', 'wrong', 2],
      ['gateway', 'totp', 'wrong', 3],
      ['proof', 'backup-code', 'wrong', 4],
      ['login', 'totp', 'used', 5],
    ]);
  });

  it('R22 include a backup code that was used', async () => {
    const user = await portal.enrolled();
    const backupCode = user.backupCodes[0] as string;
    (await user.enterBackupCode(backupCode)).success();
    expect(left(await gateway.verifyChallenge(await user.challengeAt(gateway), { backupCode }))).toBe(4);
    expect(left(await user.enterBackupCode(backupCode))).toBe(3);
  });

  it('R22 are not taken back by a new login, a new challenge, another address or device, a restart, a login token or SSO', async () => {
    const provider = await IdentityProvider.start();
    try {
      await portal.set({ maxFailedAttempts: 8 });
      const user = await portal.enrolled();
      const challenge = await user.challenge();
      const next = async (api: Api = stack.api) => left(await user.enterCode(user.phone.wrongCode(), api));

      expect(left(await stack.api.sendCode(challenge, { code: user.phone.wrongCode() }))).toBe(7);
      await user.enterPassword();
      expect(await next()).toBe(6);
      expect(await next(stack.api.from(newAddress()))).toBe(5);
      const body = { challenge, code: user.phone.wrongCode() };
      const device = await stack.api.raw('POST', '/v1/login/code', body, { 'user-agent': 'another device' });
      expect(JSON.parse(device.text)).toMatchObject({ code: 'wrong-code', attemptsLeft: 4 });
      (await stack.api.loginWithToken(portal.id, await portal.loginToken(user))).success();
      expect(await next()).toBe(3);
      await provider.serve(portal, user);
      (await stack.api.loginWithSso(portal.id, await provider.idToken(user))).success();
      expect(await next()).toBe(2);
      await stack.restart();
      expect(await next()).toBe(1);
      (await user.enterCode(user.phone.wrongCode())).refused('account-locked');
    } finally {
      await portal.set({ maxFailedAttempts: 5 });
      await provider.stop();
    }
  });

  it("R22 are not taken back by turning 2FA off and on, by the add-on's end and return, or by time", async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    expect(left(await user.fail(1))).toBe(4);
    await own.set({ enabled: false });
    (await user.enterPassword()).success();
    await own.set({ enabled: true });
    expect(left(await user.fail(1))).toBe(3);
    (await stack.operator.revokeAddOn(own.id)).success();
    (await stack.operator.grantAddOn(own.id)).success();
    expect(left(await user.fail(1))).toBe(2);
    stack.clock.minutes(7 * 24 * 60);
    expect(left(await user.fail(1))).toBe(1);
    await portal.admin.signIn();
  });

  it('R22 are forgotten at a success: at login by code or backup code, at a gateway, as proof', async () => {
    const user = await portal.enrolled();
    const { password } = user.credentials;
    const successes = [
      async () => user.enterCode(user.phone.freshCode()),
      async () => user.enterBackupCode(user.backupCodes[0] as string),
      async () => gateway.verifyChallenge(await user.challengeAt(gateway), { code: user.phone.freshCode() }),
      async () => user.api.reAuthenticate({ password, code: user.phone.freshCode() }),
    ];
    for (const success of successes) {
      (await user.fail(2)).refused('wrong-code');
      expect((await success()).code).toBeNull();
      expect(left(await user.fail(1))).toBe(4);
    }
  });

  it('R22 of one account are not those of another', async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    await user.fail(4);
    expect(left(await other.fail(1))).toBe(4);
    (await user.enterCode(user.phone.freshCode())).success();
  });
});

describe('many guesses at the same moment', () => {
  const outcome = async (user: Person) => {
    const events = await portal.eventsOf(user, 'AccountLocked');
    return { looked: ofType(events, 'AttemptFailed').length, locked: ofType(events, 'AccountLocked').length };
  };

  it('R24 200 for one challenge: as many as the limit are looked at', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const code = user.phone.wrongCode();
    const answers = await Promise.all(Array.from({ length: 200 }, () => stack.api.sendCode(challenge, { code })));
    const wrong = answers.filter((answer) => answer.code === 'wrong-code');
    expect(wrong.map(left).sort()).toEqual([1, 2, 3, 4]);
    expect(answers.filter((answer) => answer.code === 'account-locked')).toHaveLength(196);
    expect(await outcome(user)).toEqual({ looked: 5, locked: 1 });
  });

  it('R24 60 at every entrance, for many challenges: as many as the limit are looked at', async () => {
    const user = await portal.enrolled();
    const { password } = user.credentials;
    const atLogin = await Promise.all(Array.from({ length: 10 }, () => user.challenge()));
    const atGateway = await Promise.all(Array.from({ length: 10 }, () => user.challengeAt(gateway)));
    const code = user.phone.wrongCode();
    const typed = (i: number) => (i % 2 === 0 ? { code } : { backupCode: noBackupCode });
    const answers = await Promise.all([
      ...[...atLogin, ...atLogin].map((challenge, i) => stack.api.from(newAddress()).sendCode(challenge, typed(i))),
      ...[...atGateway, ...atGateway].map((challenge, i) => gateway.verifyChallenge(challenge, typed(i))),
      ...Array.from({ length: 20 }, (_, i) => user.api.reAuthenticate({ password, ...typed(i) })),
    ]);
    expect(answers.filter((answer) => answer.code === 'wrong-code')).toHaveLength(4);
    const rest = new Set(answers.map((answer) => answer.code));
    rest.delete('wrong-code');
    rest.delete('session-ended');
    expect([...rest]).toEqual(['account-locked']);
    expect(await outcome(user)).toEqual({ looked: 5, locked: 1 });
  });

  it('R24 50 where the limit is 1: one is looked at', async () => {
    await portal.set({ maxFailedAttempts: 1 });
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const code = user.phone.wrongCode();
    const answers = await Promise.all(Array.from({ length: 50 }, () => stack.api.sendCode(challenge, { code })));
    expect(new Set(answers.map((answer) => answer.code))).toEqual(new Set(['account-locked']));
    expect(await outcome(user)).toEqual({ looked: 1, locked: 1 });
    await portal.set({ maxFailedAttempts: 5 });
  });

  it('R24 with the right one behind them: it is refused unread', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const [right, wrong] = [user.phone.freshCode(), user.phone.wrongCode()];
    const guesses = Array.from({ length: 50 }, () => stack.api.sendCode(challenge, { code: wrong }));
    await Promise.all(guesses.slice(0, 10));
    (await stack.api.sendCode(challenge, { code: right })).refused('account-locked');
    await Promise.all(guesses);
    (await portal.api.unlock(portal.id, user.id)).success();
    (await user.enterCode(right)).success();
  });
});
