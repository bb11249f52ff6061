import { randomBytes, randomUUID } from 'node:crypto';
import { newAddress } from '#test/support/calls/http.js';
import { type EventName, ofType } from '#test/support/events.js';
import { newTrace, type Span, useCollector } from '#test/support/otlp.js';
import type { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { usePortal, useProduct, useStack } from '#test/support/use-stack.js';

type LoggedIn = { readonly accessToken: string };

const idsOf = (traceparent: string | undefined) => {
  const [, traceId, spanId] = traceparent?.split('-') ?? [];
  return { traceId, spanId };
};

/** What was recorded of that type in that request. */
const recordedIn = (portal: Portal, id: string, type: EventName) =>
  until(`${type} can be read`, async () =>
    ofType(await portal.readEvents(), type).find(({ context }) => context.correlationId === id),
  );

describe('where traces are collected', () => {
  const collector = useCollector();
  const stack = useStack({ env: collector.env });
  const portal = usePortal(stack, { maxFailedAttempts: 1 });

  it('R46 one trace leads from the request over the bus to the append, and with the event on to audit', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const { traceId, spanId, traceparent } = newTrace();
    const id = randomUUID();
    const caller = stack.api.with({ traceparent, 'x-request-id': id });
    (await caller.sendCode(challenge, { code: user.phone.wrongCode() })).refused('account-locked');

    const failed = await recordedIn(portal, id, 'AttemptFailed');
    const locked = await recordedIn(portal, id, 'AccountLocked');
    for (const { context } of [failed, locked]) expect(idsOf(context.traceparent).traceId).toBe(traceId);
    const spans = await collector.trace(
      traceId,
      'POST /v1/login/code',
      'log append',
      'take two-factor.attempt-failed.v1',
      'handle two-factor.account-locked.v1',
    );
    const root = spans.find(({ name }) => name === 'POST /v1/login/code');
    expect(root).toMatchObject({
      parentSpanId: spanId,
      attributes: { 'http.route': '/v1/login/code', 'twinlock.app': 'identity', 'twinlock.correlation_id': id },
    });
    expect(wayTo(spans, 'log append', ({ attributes }) => attributes['twinlock.portal'] === portal.id)).toEqual([
      'POST /v1/login/code',
      expect.stringMatching(/^LoginWithCode/),
      'ask two-factor.challenge.verify',
      'answer two-factor.challenge.verify',
      'VerifyChallenge',
      'log append',
    ]);
    const taken = wayTo(spans, 'take two-factor.attempt-failed.v1');
    expect(taken.slice(-2)).toEqual(['answer two-factor.challenge.verify', 'take two-factor.attempt-failed.v1']);
    const recordedBy = spans.find((span) => span.spanId === idsOf(failed.context.traceparent).spanId);
    expect(recordedBy?.name).toBe('answer two-factor.challenge.verify');
  });

  it('R46 a request without a trace, or with an invalid one, begins one', async () => {
    const user = await portal.register();
    for (const traceparent of [undefined, `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`]) {
      const id = randomUUID();
      const headers = { 'x-request-id': id, ...(traceparent !== undefined && { traceparent }) };
      (await stack.api.with(headers).login({ portal: portal.id, ...user.credentials })).success();
      const { context } = await recordedIn(portal, id, 'LoginSucceeded');
      const { traceId = '' } = idsOf(context.traceparent);
      expect(traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      const [root] = (await collector.trace(traceId, 'POST /v1/login')).filter(({ name }) => name === 'POST /v1/login');
      expect(root).toMatchObject({ parentSpanId: '', attributes: { 'twinlock.correlation_id': id } });
    }
  });

  it('R30 R42 no span names a person, an address, a path, or what was typed', async () => {
    const mark = (what: string) => `${what}-${randomBytes(6).toString('hex')}`;
    const [username, displayName, agent] = [mark('user'), mark('Name'), mark('agent')];
    const email = `${mark('mail')}@example.org`;
    const user = await portal.register({ username, displayName, email });
    const address = newAddress();
    const { traceId, traceparent } = newTrace();
    const caller = stack.api.from(address).with({ traceparent, 'user-agent': agent });
    const { password } = user.credentials;
    const { accessToken } = (await caller.login({ portal: portal.id, username, password })).success() as LoggedIn;
    (await caller.login({ portal: portal.id, username, password: `not ${password}` })).refused('invalid-credentials');
    await caller.as(portal.admin.token!).account(portal.id, user.id);
    await portal.events('LoginFailed', 1, { account: user.id });
    await collector.trace(traceId, 'GET /v1/portals/:portal/accounts/:account', 'take identity.login-failed.v1');
    const all = Buffer.concat(collector.bodies.map(({ body }) => body)).toString();
    for (const told of [
      username,
      displayName,
      email,
      agent,
      address,
      password,
      user.id,
      accessToken,
      portal.admin.token!,
    ]) {
      expect(all).not.toContain(told);
    }
    expect(all).toContain(portal.id);
  });
});

describe('where none are', () => {
  const stack = useProduct();
  const portal = usePortal(stack);

  it("R46 the caller's own trace is recorded, and stands in what follows from it", async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const [{ traceparent }, id] = [newTrace(), randomUUID()];
    (
      await stack.api.with({ traceparent, 'x-request-id': id }).sendCode(challenge, { code: user.phone.freshCode() })
    ).success();
    for (const type of ['AttemptSucceeded', 'LoginSucceeded'] as const) {
      expect((await recordedIn(portal, id, type)).context.traceparent).toBe(traceparent);
    }
  });

  it.each([
    ['none', undefined, undefined],
    ['no hexadecimal', `00-${'g'.repeat(32)}-${'1'.repeat(16)}-01`, undefined],
    ['upper case', `00-${'A'.repeat(32)}-${'1'.repeat(16)}-01`, undefined],
    ['zeros', `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`, undefined],
    ['more than its version has', `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01-more`, undefined],
    ['no version', `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`, undefined],
    ['a later version', `01-${'1'.repeat(32)}-${'1'.repeat(16)}-09-more`, `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`],
  ])('R46 one that is %s is taken as the standard says', async (_, traceparent, recorded) => {
    const user = await portal.register();
    const id = randomUUID();
    const headers = { 'x-request-id': id, ...(traceparent !== undefined && { traceparent }) };
    (await stack.api.with(headers).login({ portal: portal.id, ...user.credentials })).success();
    expect((await recordedIn(portal, id, 'LoginSucceeded')).context.traceparent).toBe(recorded);
  });
});

/** The names of the steps that lead to the last one of that name. */
function wayTo(spans: readonly Span[], name: string, isMeant: (span: Span) => boolean = () => true): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const names: string[] = [];
  let step = spans.filter((span) => span.name === name && isMeant(span)).at(-1);
  for (; step; step = byId.get(step.parentSpanId)) names.unshift(step.name);
  return names;
}
