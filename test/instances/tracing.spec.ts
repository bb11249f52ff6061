import { randomUUID } from 'node:crypto';
import { ofType } from '#test/support/events.js';
import { Collector, newTrace } from '#test/support/otlp.js';
import { Portal } from '#test/support/people/portal.js';
import { until } from '#test/support/until.js';
import { Cluster } from './support/cluster.js';

const collector = new Collector();
let cluster: Cluster;
let portal: Portal;
beforeAll(async () => {
  await collector.open();
  cluster = await Cluster.start(1, collector.env);
  portal = await Portal.make(cluster);
}, 240_000);
afterAll(async () => {
  await cluster?.stop();
  collector.close();
}, 60_000);

describe('a trace over all processes', () => {
  it('R46 leads from the gateway over Kafka to the append, and with the event on to audit', async () => {
    const user = await portal.enrolled();
    const challenge = await user.challenge();
    const [id, { traceId, spanId, traceparent }] = [randomUUID(), newTrace()];
    const caller = cluster.api.with({ traceparent, 'x-request-id': id });
    (await caller.sendCode(challenge, { code: user.phone.wrongCode() })).refused('wrong-code');

    const failed = await until('the attempt can be read', async () =>
      ofType(await portal.readEvents({ account: user.id }), 'AttemptFailed').find(
        ({ context }) => context.correlationId === id,
      ),
    );
    const recordedBy = failed.context.traceparent?.split('-')[2];
    const spans = await collector.trace(
      traceId,
      'take two-factor.attempt-failed.v1',
      'POST /v1/login/code',
      'log append',
    );
    const steps = spans.map((span) => ({ ...span, parent: spans.find((other) => other.spanId === span.parentSpanId) }));
    const way: string[] = [];
    let step = steps.find(({ name }) => name === 'take two-factor.attempt-failed.v1');
    expect(step?.parentSpanId).toBe(recordedBy);
    for (; step; step = steps.find((each) => each.spanId === step!.parentSpanId)) {
      way.unshift(`${step.service}: ${step.name}`);
      if (step.parent === undefined) expect(step.parentSpanId).toBe(spanId);
    }
    expect(way).toEqual([
      'twinlock-gateway: POST /v1/login/code',
      'twinlock-gateway: forward to identity',
      'twinlock-identity: POST /v1/login/code',
      'twinlock-identity: LoginWithCode',
      'twinlock-identity: ask two-factor.challenge.verify',
      'twinlock-two-factor: answer two-factor.challenge.verify',
      'twinlock-audit: take two-factor.attempt-failed.v1',
    ]);
    const append = steps.find(({ name, service }) => service === 'twinlock-two-factor' && name === 'log append');
    expect(append?.parent?.name).toBe('VerifyChallenge');
    expect(append?.attributes['twinlock.portal']).toBe(portal.id);
  });
});
