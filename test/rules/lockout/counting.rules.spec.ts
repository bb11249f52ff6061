import { z } from 'zod';
import { entrances, noBackupCode, times, type Typed } from '#test/support/calls/entrances.js';
import { sendAndHangUp } from '#test/support/calls/raw.js';
import { allEndpoints } from '#test/support/calls/samples.js';
import type { Api } from '#test/support/calls/client.js';
import { ofType, shortType } from '#test/support/events.js';
import { type Answer, newAddress } from '#test/support/calls/http.js';
import { Portal } from '#test/support/people/portal.js';
import { IdentityProvider } from '#test/support/people/sso.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
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

  it('R22 are not taken back by a new login, a new challenge, another address or device, a restart, a login token or SSO (GHSA-vfph-hjfv-cpv2, open-pryv.io #128, RubyGems GHSA-c55g-q6f4-5qxr)', async () => {
    const provider = await IdentityProvider.start();
    try {
      await portal.set({ maxFailedAttempts: 8 });
      const user = await portal.enrolled();
      const challenge = await user.challenge();
      const next = async (api: Api = stack.api) => left(await user.enterCode(user.phone.wrongCode(), api));

      expect(left(await stack.api.sendCode(challenge, { code: user.phone.wrongCode() }))).toBe(7);
      await user.enterPassword(stack.api.from(newAddress()));
      await user.enterWrongPassword(stack.api.from(newAddress()));
      (await user.api.logout()).success();
      expect(await next()).toBe(6);
      expect(await next(stack.api.from(newAddress()))).toBe(5);
      const body = { challenge, code: user.phone.wrongCode() };
      const headers = {
        'user-agent': 'another device',
        'x-forwarded-for': '203.0.113.1',
        forwarded: 'for=203.0.113.1',
      };
      const device = await stack.api.raw('POST', '/v1/login/code', body, headers);
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

  it("R22 are not taken back by turning 2FA off and on, by the add-on's end and return, or by time (ZITADEL CVE-2024-32868, Keycloak GHSA-85v8-vx4w-q684)", async () => {
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

  it('R22 are counted at every entrance: each that takes a code is known here (ZITADEL CVE-2025-64102)', () => {
    const takesCode = (schema: z.ZodType) =>
      /"(code|backupCode)":/.test(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })));
    const found = allEndpoints.filter(({ body }) => takesCode(body)).map(({ operationId }) => operationId);
    expect(found.sort()).toEqual([
      // of a provider's, which is none of a second factor
      'completeSsoLogin',
      'confirmTotpAuthenticator',
      'confirmTwoFactor',
      'loginWithCode',
      'reAuthenticate',
      'verifyChallenge',
    ]);
  });

  it.each(['loginWithCode', 'verifyChallenge', 'reAuthenticate'] as const)(
    'R22 go up at each entrance, and the lock by one (%s) is met at all (ZITADEL CVE-2025-64102)',
    async (locking) => {
      const user = await portal.enrolled();
      const at = await entrances(user, gateway);
      let attemptsLeft = 5;
      for (const send of [...Object.values(at), at.loginWithCode]) {
        const answer = await send({ code: user.phone.wrongCode() });
        expect(answer.refused('wrong-code')).toMatchObject({ attemptsLeft: (attemptsLeft -= 1) });
      }
      (await at[locking]({ code: user.phone.wrongCode() })).refused('account-locked');
      const code = user.phone.freshCode();
      (await at.loginWithCode({ code })).refused('account-locked');
      (await at.verifyChallenge({ code })).refused('account-locked');
      expect(['account-locked', 'session-ended']).toContain((await at.reAuthenticate({ code })).code);
    },
  );

  it('R22 survive a dropped request: a code counts though nobody waits for the answer (Vikunja CVE-2026-35597)', async () => {
    const user = await portal.enrolled();
    const [challenge, atGateway] = [await user.challenge(), await user.challengeAt(gateway)];
    const code = user.phone.wrongCode();
    const login = { method: 'POST', target: '/v1/login/code', body: JSON.stringify({ challenge, code }) };
    const proof = {
      method: 'POST',
      target: '/v1/me/re-authenticate',
      token: user.token,
      body: JSON.stringify({ password: user.credentials.password, code }),
    };
    for (const request of [login, login, login, proof]) await sendAndHangUp(stack.origin, request);
    await portal.eventsOf(user, 'AttemptFailed', 4);
    (await gateway.verifyChallenge(atGateway, { code })).refused('account-locked');
    expect(ofType(await portal.eventsBeforeUnlock(user), 'AttemptFailed')).toHaveLength(5);
  });

  it('R22 are raised by nobody who does not know the password: nobody locks out another (Keycloak #48272)', async () => {
    const user = await portal.enrolled();
    const code = user.phone.wrongCode();
    const real = await user.challenge();
    const forged = ['', 'x', 'AQ', user.id, `${portal.id}/${user.id}`, 'A'.repeat(1024), real.slice(0, -2)];
    await times(8, () => user.enterWrongPassword(stack.api.from(newAddress())));
    for (const challenge of forged) {
      (await stack.api.sendCode(challenge, { code })).refused('challenge-ended');
      (await gateway.verifyChallenge(challenge, { code })).refused('challenge-ended');
    }
    (await stack.api.verifyChallenge(real, { code })).refused('unauthenticated');
    const thief = user.api.from(newAddress());
    for (let i = 0; i < 5; i += 1) {
      (await thief.reAuthenticate({ password: 'not the password', code })).refused('invalid-credentials');
    }
    (await thief.reAuthenticate({ password: 'not the password', code })).refused('too-many-attempts');
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
    (await user.enterCode(user.phone.freshCode())).success();
  });
});

describe('many guesses at the same moment (ZITADEL CVE-2023-47111, Wazuh CVE-2026-93346, Cacti #6996)', () => {
  it.each([1, 5, 60])(
    'R24 200 over every entrance, by code and backup code, from many addresses: %i are evaluated, one AccountLocked',
    async (limit) => {
      const own = await Portal.make(stack, { maxFailedAttempts: limit });
      const user = await own.enrolled();
      const services = [await own.service('challenges'), await own.service('challenges')];
      const atLogin = await times(8, () => user.challenge());
      const atGateway = await times(8, async (i) => {
        const service = services[i % 2] as Api;
        return { service, challenge: await user.challengeAt(service) };
      });
      const { password } = user.credentials;
      const code = user.phone.wrongCode();
      const typed = (i: number): Typed => (i % 3 === 0 ? { backupCode: noBackupCode } : { code });

      const answers = await times<Answer<unknown>>(200, (i) => {
        if (i % 5 === 4) return user.api.reAuthenticate({ password, ...typed(i) });
        if (i % 2 === 0) return stack.api.from(newAddress()).sendCode(atLogin[i % 8] as string, typed(i));
        const { service, challenge } = atGateway[i % 8] as (typeof atGateway)[number];
        return service.verifyChallenge(challenge, typed(i));
      });

      const wrong = answers.filter((answer) => answer.code === 'wrong-code');
      const left = wrong.map((answer) => Number(answer.refused('wrong-code').attemptsLeft));
      expect(left.sort((a, b) => a - b)).toEqual(upTo(limit - 1));
      const others = new Set(answers.filter((answer) => !wrong.includes(answer)).map(({ code }) => code));
      others.delete('session-ended');
      expect([...others]).toEqual(['account-locked']);

      const events = await own.eventsBeforeUnlock(user);
      expect(ofType(events, 'AttemptFailed').map(({ data }) => data.failedAttempts)).toEqual(upTo(limit));
      expect(ofType(events, 'AccountLocked')).toHaveLength(1);
      expect(ofType(events, 'AttemptSucceeded')).toHaveLength(0);
    },
  );

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

  it('R24 with the right code among them: no more than the limit in a row, and nothing after the lock', async () => {
    const user = await portal.enrolled();
    const [mine, theirs] = [await user.challenge(), await user.challenge()];
    const [right, wrong] = [user.phone.freshCode(), user.phone.wrongCode()];
    await times(60, (i) =>
      i === 3 ? stack.api.sendCode(mine, { code: right }) : stack.api.sendCode(theirs, { code: wrong }),
    );
    const events = await portal.eventsBeforeUnlock(user);
    let inARow = 0;
    for (const type of events.map(shortType)) {
      if (type === 'AttemptSucceeded') inARow = 0;
      if (type === 'AttemptFailed') expect((inARow += 1)).toBeLessThanOrEqual(5);
    }
    expect(events.map(shortType).at(-1)).toBe('AccountLocked');
  });
});
