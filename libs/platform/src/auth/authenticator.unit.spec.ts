import { jest } from '@jest/globals';
import { adminPolicyRequests, identityRequests } from '#libs/contracts/src/messages/requests.js';
import { Requests } from '#libs/messaging/src/requests.js';
import { newToken, tokenHash } from '#libs/secrets/src/tokens.js';
import { REMEMBER_MS } from './recent-answers.js';
import { ServiceTokens } from './service-tokens.js';
import { Authenticator } from './authenticator.js';
import { scriptedBus, type Replies } from '../testing/stand-ins.js';

const operatorToken = 'operator-token-of-the-tests-0123456789';
const session = newToken('ses_');
const service = newToken('svc_');
const active = { status: 'active', session: { sessionId: 's', portal: 'demo' } };
const known = { status: 'active', tokenId: 't1', portal: 'demo', scopes: ['events'] };

function parts(replies: Replies) {
  const requests = new Requests(scriptedBus(replies).join('audit', undefined as never).ask);
  return { requests, serviceTokens: new ServiceTokens(requests) };
}

function authenticator(replies: Replies) {
  const { requests, serviceTokens } = parts(replies);
  return new Authenticator(operatorToken, requests, serviceTokens);
}

describe('authentication by bearer token', () => {
  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${operatorToken}`,
    operatorToken,
    `Bearer ${operatorToken}x`,
    `Bearer ${operatorToken.slice(1)}`,
    `Bearer ${operatorToken} ${operatorToken}`,
    `Bearer ${session}x`,
    'Bearer ses_short',
    `Bearer ${newToken('lgn_')}`,
  ])('%s is nobody, without asking anyone', async (header) => {
    await expect(authenticator({}).authenticate(header)).resolves.toEqual({ kind: 'anonymous' });
  });

  it('knows no operator in an app that has no call for one', async () => {
    const { requests, serviceTokens } = parts({});
    const without = new Authenticator(undefined, requests, serviceTokens);
    for (const token of [operatorToken, 'undefined'.repeat(4)]) {
      await expect(without.authenticate(`Bearer ${token}`)).resolves.toEqual({ kind: 'anonymous' });
    }
  });

  it('knows the operator', async () => {
    await expect(authenticator({}).authenticate(`Bearer ${operatorToken}`)).resolves.toEqual({ kind: 'operator' });
    await expect(authenticator({}).authenticate(`bearer ${operatorToken}`)).resolves.toEqual({ kind: 'operator' });
  });

  it('asks whose session it is by the hash, each time', async () => {
    const replies = [active, { status: 'unknown' }, { status: 'ended' }];
    const asked: unknown[] = [];
    const who = authenticator({
      [identityRequests.introspectSession.pattern]: (payload: unknown) => {
        asked.push(payload);
        return replies.shift();
      },
    });
    const header = `Bearer ${session}`;
    await expect(who.authenticate(header)).resolves.toEqual({
      kind: 'session',
      session: active.session,
      tokenHash: tokenHash(session),
    });
    await expect(who.authenticate(header)).resolves.toEqual({ kind: 'anonymous' });
    await expect(who.authenticate(header)).rejects.toMatchObject({ code: 'session-ended' });
    expect(asked).toEqual(Array(3).fill({ tokenHash: tokenHash(session) }));
  });

  it('remembers a service token, until it is revoked', async () => {
    let asked = 0;
    const who = authenticator({
      [adminPolicyRequests.introspectServiceToken.pattern]: () => {
        asked += 1;
        return known;
      },
    });
    const header = `Bearer ${service}`;
    const caller = { kind: 'service', tokenId: 't1', portal: 'demo', scopes: ['events'] };
    await expect(who.authenticate(header)).resolves.toEqual(caller);
    await expect(who.authenticate(header)).resolves.toEqual(caller);
    expect(asked).toBe(1);
    who.forget('another');
    await expect(who.authenticate(header)).resolves.toEqual(caller);
    expect(asked).toBe(1);
    who.forget('t1');
    await expect(who.authenticate(header)).resolves.toEqual({ kind: 'anonymous' });
    expect(asked).toBe(2);
  });

  it('does not believe a reply that was on its way when the token was revoked', async () => {
    let reply: (value: unknown) => void = () => undefined;
    const who = authenticator({
      [adminPolicyRequests.introspectServiceToken.pattern]: () => new Promise((resolve) => (reply = resolve)),
    });
    const waiting = who.authenticate(`Bearer ${service}`);
    await new Promise(setImmediate);
    who.forget('t1');
    reply(known);
    await expect(waiting).resolves.toEqual({ kind: 'anonymous' });
  });

  it('remembers no unknown token', async () => {
    const replies = [{ status: 'unknown' }, known];
    const who = authenticator({ [adminPolicyRequests.introspectServiceToken.pattern]: () => replies.shift() });
    await expect(who.authenticate(`Bearer ${service}`)).resolves.toEqual({ kind: 'anonymous' });
    await expect(who.authenticate(`Bearer ${service}`)).resolves.toMatchObject({ kind: 'service' });
  });

  it('asks once for all who come while it is asked, and anew for who comes a second later', async () => {
    const replies: ((value: unknown) => void)[] = [];
    const who = authenticator({
      [adminPolicyRequests.introspectServiceToken.pattern]: () => new Promise((resolve) => replies.push(resolve)),
    });
    const ask = () => who.authenticate(`Bearer ${service}`);
    const now = Math.ceil(performance.now());
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now);
    try {
      const first = [ask(), ask()];
      clock.mockReturnValue(now + REMEMBER_MS - 1);
      first.push(ask());
      clock.mockReturnValue(now + REMEMBER_MS);
      // the first may be answered by what was before a revocation that is answered now
      const later = ask();
      await new Promise(setImmediate);
      expect(replies).toHaveLength(2);
      replies[1]?.({ status: 'unknown' });
      await expect(later).resolves.toEqual({ kind: 'anonymous' });
      replies[0]?.(known);
      for (const caller of await Promise.all(first)) expect(caller).toMatchObject({ kind: 'service' });
    } finally {
      clock.mockRestore();
    }
  });
});
