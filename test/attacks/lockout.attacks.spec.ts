import { z } from 'zod';
import type { Api } from '#test/support/client.js';
import { shortType } from '#test/support/events.js';
import { type Answer, newAddress } from '#test/support/http.js';
import { Portal } from '#test/support/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { entrances, noBackupCode, times, type Typed } from '#test/support/entrances.js';
import { ofType } from '#test/support/events.js';
import { sendAndHangUp } from './support/raw.js';
import { allEndpoints } from './support/samples.js';

const stack = useStack();
const portal = usePortal(stack);
const gateway = useGateway(portal);

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('guesses at the same moment (ZITADEL CVE-2023-47111, Wazuh CVE-2026-93346, Cacti #6996)', () => {
  it.each([1, 5, 60])(
    '200 over every entrance, by code and backup code, from many addresses: %i are evaluated, one AccountLocked',
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

  it('with the right code among them: no more than the limit in a row, and nothing after the lock', async () => {
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

describe('the count of failures', () => {
  it('is met at every entrance: each that takes a code is known here (ZITADEL CVE-2025-64102)', () => {
    const takesCode = (schema: z.ZodType) =>
      /"(code|backupCode)":/.test(JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })));
    const found = allEndpoints.filter(({ body }) => takesCode(body)).map(({ operationId }) => operationId);
    expect(found.sort()).toEqual(['confirmTwoFactor', 'loginWithCode', 'reAuthenticate', 'verifyChallenge']);
  });

  it.each(['loginWithCode', 'verifyChallenge', 'reAuthenticate'] as const)(
    'goes up at each entrance, and the lock by one (%s) is met at all (ZITADEL CVE-2025-64102)',
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

  it('survives a dropped request: a code counts though nobody waits for the answer (Vikunja CVE-2026-35597)', async () => {
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

  it('is refilled by nothing that a guesser can do (GHSA-vfph-hjfv-cpv2, open-pryv.io #128, RubyGems GHSA-c55g-q6f4-5qxr)', async () => {
    const user = await portal.enrolled();
    const used = user.phone.freshCode();
    (await user.enterCode(used)).success();
    const tricks: (() => Promise<unknown>)[] = [
      () => user.enterPassword(stack.api.from(newAddress())),
      () => user.enterWrongPassword(stack.api.from(newAddress())),
      () => times(5, () => user.challenge()),
      () => user.api.logout(),
    ];
    for (const [i, trick] of tricks.entries()) {
      const challenge = await user.challenge(stack.api.from(newAddress()));
      const code = i === 0 ? used : user.phone.wrongCode();
      const headers = {
        'user-agent': `device ${i}`,
        'x-forwarded-for': `203.0.113.${i}`,
        forwarded: `for=203.0.113.${i}`,
      };
      const answer = await stack.api.from(newAddress()).raw('POST', '/v1/login/code', { challenge, code }, headers);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'wrong-code', attemptsLeft: 4 - i });
      await trick();
    }
    (await user.enterCode(user.phone.wrongCode())).refused('account-locked');
  });

  it('is not raised by what is no code of six digits, in whatever script', async () => {
    const user = await portal.enrolled();
    const digits = ['', '12345', '1234567', ' 123456', '123456 ', '123456\n', '12345\0', '+12345', '1e5000', '0x1234'];
    const scripts = ['١٢٣٤٥٦', '１２３４５６', '१२३४५६', '𝟏𝟐𝟑𝟒𝟓𝟔', '123\u200b456', '⑥⑥⑥⑥⑥⑥', '9'.repeat(60_000)];
    const groups = ['', 'AAAA-BBBB-CCCC-DDD', `${noBackupCode}-E`, 'ABCD-EFGH-IJKL-MNO1', 'ａａａａ-BBBB-CCCC-DDDD'];
    const { loginWithCode, verifyChallenge, reAuthenticate } = await entrances(user, gateway);
    for (const send of [loginWithCode, verifyChallenge]) {
      for (const code of [...digits, ...scripts]) (await send({ code })).refused('malformed-code');
      for (const backupCode of groups) (await send({ backupCode })).refused('malformed-code');
    }
    (await reAuthenticate({ code: '１２３４５６' })).refused('malformed-code');
    for (const code of [123456, ['123456'], { length: 6 }, null, true]) {
      (await user.api.reAuthenticate({ password: user.credentials.password, code })).refused('malformed-request');
    }
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 4 });
  });

  it('stays in force while 2FA is on, as does the throttle of passwords (ZITADEL CVE-2024-32868, Keycloak GHSA-85v8-vx4w-q684)', async () => {
    const own = await Portal.make(stack);
    const user = await own.enrolled();
    const address = stack.api.from(newAddress());
    for (let i = 0; i < 5; i += 1) (await user.enterWrongPassword(address)).refused('invalid-credentials');
    (await user.enterWrongPassword(address)).refused('too-many-attempts');
    (await user.enterPassword(address)).refused('too-many-attempts');

    for (const attemptsLeft of [4, 3, 2, 1]) {
      await own.set({ enabled: false });
      await own.set({ enabled: true });
      expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft });
    }
    (await user.fail(1)).refused('account-locked');
    await own.set({ enabled: false });
    (await user.enterPassword()).refused('account-locked');
  });

  it('cannot be raised by who does not know the password: nobody locks out another (Keycloak #48272)', async () => {
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
