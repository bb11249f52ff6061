import { Portal } from '#test/support/portal.js';
import { useGateway, usePortal, useStack } from '#test/support/use-stack.js';
import { allEndpoints, callOf, sampleOf } from './support/samples.js';

const stack = useStack();
const portal = usePortal(stack, { maxFailedAttempts: 100 });
const gateway = useGateway(portal);

describe('between password and code (Grav CVE-2026-62232, CVE-2025-64103, GHSA-4qvm-r4pr-v3wg)', () => {
  const closed = allEndpoints.filter(({ allow }) => !allow.includes('public'));

  it('nothing works with the challenge: no session, no profile, no setup, no QR code, no other call', async () => {
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

  it('nothing is told but that a code is needed: the answer names no account, portal or secret', async () => {
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

  it('a token of any other kind is no challenge', async () => {
    const user = await portal.enrolled();
    const loginToken = await portal.loginToken(user);
    const code = user.phone.freshCode();
    for (const challenge of [user.token as string, loginToken, stack.operatorToken, user.id, '']) {
      (await stack.api.sendCode(challenge, { code })).refused('challenge-ended');
      (await gateway.verifyChallenge(challenge, { code })).refused('challenge-ended');
    }
    (await user.enterCode(code)).success();
  });
});

describe("a gateway's challenge", () => {
  it('passes only at the check of the gateway that opened it, and never as a login', async () => {
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
    for (const api of [stack.api, user.api, portal.api, stack.operator]) {
      const { code: refusal } = await api.verifyChallenge(atGateway, { code });
      expect(['unauthenticated', 'forbidden']).toContain(refusal);
    }
    const passed = (await gateway.verifyChallenge(atGateway, { code })).success();
    expect(passed).toEqual({ passed: true, accountId: user.id, method: 'totp' });
    (await stack.api.sendCode(atGateway, { code: user.phone.freshCode() })).refused('challenge-ended');
  });

  it('ends with the token of its gateway: a new token of the same name does not take it over', async () => {
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

  it('is good for its own account alone: the code of another is wrong, and counts for the one it was opened for', async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    const code = other.phone.freshCode();
    const answer = await gateway.verifyChallenge(await user.challengeAt(gateway), { code });
    expect(answer.refused('wrong-code')).toMatchObject({ attemptsLeft: 99 });
    (await gateway.verifyChallenge(await other.challengeAt(gateway), { code })).success();
    expect((await other.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 99 });
    expect((await user.fail(1)).refused('wrong-code')).toMatchObject({ attemptsLeft: 98 });
  });
});

describe('an altered challenge', () => {
  it('passes nowhere, wherever a bit of it was turned, and in no other writing', async () => {
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
    for (const altered of [...turned, ...rewritten]) {
      const answer = await stack.api.sendCode(altered, { code });
      expect(['challenge-ended', 'malformed-request']).toContain(answer.code);
    }
    (await stack.api.sendCode(challenge, { code })).success();
  });

  it('put together from two of them passes nowhere', async () => {
    const [user, other] = [await portal.enrolled(), await portal.enrolled()];
    const [mine, theirs] = [await user.challenge(), await other.challenge()].map((text) =>
      Buffer.from(text, 'base64url'),
    ) as [Buffer, Buffer];
    for (const at of [2, 13, 16, mine.length >> 1, mine.length - 16]) {
      const mixed = Buffer.concat([mine.subarray(0, at), theirs.subarray(at)]).toString('base64url');
      (await stack.api.sendCode(mixed, { code: user.phone.freshCode() })).refused('challenge-ended');
    }
  });
});

describe('an old challenge', () => {
  it('ends after 5 minutes, also when the clock is set back after it was refused', async () => {
    const user = await portal.enrolled();
    const passed = await user.challenge();
    (await stack.api.sendCode(passed, { code: user.phone.freshCode() })).success();
    const late = await user.challenge();
    stack.clock.advance(299);
    (await stack.api.sendCode(late, { code: user.phone.wrongCode() })).refused('wrong-code');
    stack.clock.advance(2);
    (await stack.api.sendCode(late, { code: user.phone.freshCode() })).refused('challenge-ended');
    stack.clock.advance(-600);
    (await stack.api.sendCode(passed, { code: user.phone.freshCode() })).refused('challenge-ended');
    stack.clock.advance(600);
  });

  it('is not the key to a session that was ended since: what it would open begins anew', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    (await user.api.logout()).success();
    const { accessToken } = (await stack.api.sendCode(challenge, { code: user.phone.freshCode() })).success();
    (await user.api.me()).refused('session-ended');
    (await stack.api.as(accessToken).me()).success();
  });
});
