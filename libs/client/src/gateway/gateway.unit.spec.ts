import { ProblemError } from '../problem-error.js';
import { TransportError } from '../transport-error.js';
import { newGateway, type Verified } from './gateway.js';
import { newTwoFactor } from './fastify.js';

const problem = (code: string, status: number, call = 'verifyChallenge', more: object = {}) =>
  new ProblemError({ type: '', title: code, status, code, detail: code, ...more } as never, { call });
const gone = new TransportError('network', 'gone', { call: 'verifyChallenge', requestId: '' });

/** A product that answers so, and what it was asked. */
function gatewayOf(opened: unknown, verified: unknown = undefined) {
  const asked: unknown[] = [];
  const answering = (answer: unknown) => async (args: unknown) => {
    asked.push(args);
    if (answer instanceof Error) throw answer;
    return answer as never;
  };
  const twinlock = { openChallenge: answering(opened), verifyChallenge: answering(verified) };
  return { gateway: newGateway({ twinlock, portal: 'acme' }), asked };
}
const passed = { passed: true, accountId: 'a1', method: 'totp' };
const challenge = { required: true, challenge: 'c1', expiresAt: '2026-11-24T09:30:00.000Z' };

describe('what is begun', () => {
  it('names the account and tells where its person is, as far as the product takes it', async () => {
    const { gateway, asked } = gatewayOf({ required: false });
    await gateway.begin({
      externalId: 'u-1',
      client: { address: '::ffff:192.0.2.7', userAgent: `a\n${'b'.repeat(600)}` },
    });
    await gateway.begin({ accountId: 'a1', client: { address: 'fe80::1%eth0' } });
    await gateway.begin({ accountId: 'a1', client: { address: 'unknown' } });
    expect(asked).toEqual([
      { portal: 'acme', accountId: 'external:u-1', client: { address: '192.0.2.7', userAgent: `a${'b'.repeat(511)}` } },
      { portal: 'acme', accountId: 'a1', client: { address: 'fe80::1' } },
      { portal: 'acme', accountId: 'a1' },
    ]);
  });

  it.each([{}, { required: 'no' }, { required: true }, { required: 0 }, { required: true, challenge: '' }])(
    'is not understood, and lets nobody in: %j',
    async (answer) => {
      await expect(gatewayOf(answer).gateway.begin({ accountId: 'a1' })).rejects.toThrow(TransportError);
    },
  );
});

describe('what is verified', () => {
  it.each<[string, unknown, Verified]>([
    ['passed', passed, { outcome: 'passed', accountId: 'a1', method: 'totp' }],
    ['no passing', { passed: 'true' }, { outcome: 'unavailable' }],
    [
      'a wrong code',
      problem('wrong-code', 401, undefined, { attemptsLeft: 2 }),
      { outcome: 'wrong-code', attemptsLeft: 2 },
    ],
    ['an ended challenge', problem('challenge-ended', 401), { outcome: 'ended' }],
    ['a lock', problem('account-locked', 423), { outcome: 'locked' }],
    ['a suspension', problem('account-suspended', 423), { outcome: 'suspended' }],
    ['a malformed code', problem('malformed-code', 400), { outcome: 'malformed' }],
    ['an outage', problem('unavailable', 503), { outcome: 'unavailable' }],
    ['no answer', gone, { outcome: 'unavailable' }],
  ])('%s', async (_, answer, expected) => {
    expect(await gatewayOf(challenge, answer).gateway.verify('c1', '123 456')).toEqual(expected);
  });

  it.each(['unauthenticated', 'forbidden', 'malformed-request'])('throws %s: a fault of the gateway', async (code) => {
    await expect(gatewayOf(challenge, problem(code, 400)).gateway.verify('c1', '1')).rejects.toMatchObject({ code });
  });

  it('sends a code or a backup code, as it was typed', async () => {
    const { gateway, asked } = gatewayOf(challenge, passed);
    for (const typed of ['123 456', '12345678', 'ABCD-EFGH-IJKL-MNOP']) await gateway.verify('c1', typed);
    expect(asked).toEqual([
      { challenge: 'c1', code: '123456' },
      { challenge: 'c1', code: '12345678' },
      { challenge: 'c1', backupCode: 'ABCD-EFGH-IJKL-MNOP' },
    ]);
    for (const typed of [' ', '1'.repeat(65)])
      expect(await gateway.verify('c1', typed)).toEqual({ outcome: 'malformed' });
    expect(asked).toHaveLength(3);
  });
});

describe('a session', () => {
  /** As @fastify/session and express-session have it: a new one, empty but for its cookie. */
  const newRequest = (members: object = {}) => {
    const request = { headers: {}, ip: '192.0.2.7', ids: 1, session: {} as Record<string, unknown> };
    const renew = (kept: object) => {
      request.session = { cookie: {}, ...kept };
      Object.defineProperty(request.session, 'regenerate', {
        value: (done: () => void) => (request.ids++, renew({}), done()),
      });
    };
    renew(members);
    return request;
  };
  const twoFactorOf = (opened: unknown, verified?: unknown) =>
    newTwoFactor<ReturnType<typeof newRequest>>({
      gateway: gatewayOf(opened, verified).gateway,
      accountOf: ({ session }) => (session.user === undefined ? undefined : { externalId: session.user as string }),
    });

  it('has passed with the code alone, gets a new id at each step and keeps what the application has in it', async () => {
    const twoFactor = twoFactorOf(challenge, passed);
    const request = newRequest({ user: 'u-1' });
    expect(await twoFactor.begin(request, { externalId: 'u-1' })).toEqual({ outcome: 'code-required' });
    expect([twoFactor.hasPassed(request), request.ids]).toEqual([false, 2]);
    expect(await twoFactor.verify(request, '123456')).toMatchObject({ outcome: 'passed' });
    expect([twoFactor.hasPassed(request), request.ids, request.session.user]).toEqual([true, 3, 'u-1']);
    expect(await twoFactor.verify(request, '123456')).toEqual({ outcome: 'ended' });
    request.session.user = 'u-2';
    expect(twoFactor.hasPassed(request)).toBe(false);
  });

  it.each([
    ['an outage', gone],
    ['a lock', problem('account-locked', 423, 'openChallenge')],
    ['a fault', new Error('x')],
  ])('that passed before has not after %s', async (_, error) => {
    const request = newRequest({ user: 'u-1' });
    await twoFactorOf({ required: false }).begin(request, { externalId: 'u-1' });
    expect(twoFactorOf(error).hasPassed(request)).toBe(true);
    await twoFactorOf(error)
      .begin(request, { externalId: 'u-1' })
      .catch(() => {});
    expect(twoFactorOf(error).hasPassed(request)).toBe(false);
  });

  it('that inherits something has passed nothing', () => {
    const twoFactor = twoFactorOf(challenge);
    const request = newRequest({ user: 'u-1' });
    request.session = Object.create({ twinlock: { account: 'external:u-1', passed: true }, user: 'u-1' }) as never;
    expect(twoFactor.hasPassed(request)).toBe(false);
    expect(() => twoFactor.end({ headers: {} } as never)).toThrow('the request has no session');
  });
});
