import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Problem } from '#libs/contracts/src/problems.js';
import { Collector, newTrace } from '#test/support/otlp.js';
import { continued, entered, noteRefusal, served, together, tracing, within } from '../tracing.js';
import { startTracing } from './start.js';

const collector = new Collector();
const given = { ...process.env };
let end: () => Promise<void>;
beforeAll(async () => {
  await collector.open();
  Object.assign(process.env, collector.env);
  const logger = { warn: () => undefined, info: () => undefined };
  end = await startTracing({ service: 'spec', version: '1', protocol: 'http/json', logger });
});
afterAll(async () => {
  await end();
  collector.close();
  process.env = given;
});

const spansIn = (traceId: string, ...names: string[]) => collector.trace(traceId, ...names);

describe('steps of a trace', () => {
  it('stand in one another, whatever goes on beside them, and hand on where they stand', async () => {
    const traces = [newTrace(), newTrace(), newTrace()];
    const outer = traces.map(({ traceparent }) =>
      entered({ name: 'outer' }, { traceparent }, async (context) => {
        await turn();
        return within({ name: 'inner' }, {}, async (inner: { traceparent?: string }) => {
          await turn();
          return [context.traceparent, inner.traceparent];
        });
      }),
    );
    for (const [index, handedOn] of (await Promise.all(outer)).entries()) {
      const { traceId, spanId } = traces[index]!;
      const spans = await spansIn(traceId, 'outer', 'inner');
      const [first, second] = ['outer', 'inner'].map((name) => spans.find((span) => span.name === name)!);
      expect([first!.parentSpanId, second!.parentSpanId]).toEqual([spanId, first!.spanId]);
      expect(handedOn).toEqual([first, second].map((span) => `00-${traceId}-${span!.spanId}-01`));
    }
  });

  it('begin at an entrance alone', async () => {
    const nothing = {};
    expect(await continued({ name: 'never' }, nothing, async (context) => context)).toBe(nothing);
    expect(await within({ name: 'never' }, nothing, async (context) => context)).toBe(nothing);
    expect(await together([{ name: 'never' }], async () => 1)).toBe(1);
    const { traceparent } = await entered(
      { name: 'first' },
      nothing,
      async (context: { traceparent?: string }) => context,
    );
    const [first] = await spansIn(traceparent!.split('-')[1]!, 'first');
    expect(first?.parentSpanId).toBe('');
    expect(collector.spans.filter(({ name }) => name === 'never')).toEqual([]);
  });

  it('of many events at once are in the trace of each', async () => {
    const traces = [newTrace(), newTrace()];
    const steps = traces.map(({ traceparent }, index) => ({ name: `event ${index}`, traceparent }));
    await expect(together(steps, () => Promise.reject(new RangeError('hunter2')))).rejects.toThrow(RangeError);
    for (const [index, { traceId, spanId }] of traces.entries()) {
      const [span] = await spansIn(traceId, `event ${index}`);
      expect(span).toMatchObject({ parentSpanId: spanId, attributes: { 'error.type': 'RangeError' } });
    }
  });

  it('tell of a failure by its name or code, of none by its message', async () => {
    const { traceId, traceparent } = newTrace();
    const fails = (name: string, error: unknown) =>
      entered({ name }, { traceparent }, () => Promise.reject(error as Error)).catch(() => undefined);
    await fails('unforeseen', new TypeError('hunter2'));
    await fails('no error', 'hunter2');
    await fails('refused', new Problem('wrong-code', 'hunter2'));
    await entered({ name: 'answered' }, { traceparent }, async () => noteRefusal({ code: 'not-found', status: 404 }));
    const spans = await spansIn(traceId, 'unforeseen', 'no error', 'refused', 'answered');
    expect(Object.fromEntries(spans.map(({ name, attributes }) => [name, attributes['error.type']]))).toEqual({
      unforeseen: 'TypeError',
      'no error': 'string',
      refused: 'wrong-code',
      answered: 'not-found',
    });
    expect(Buffer.concat(collector.bodies.map(({ body }) => body)).toString()).not.toContain('hunter2');
  });

  it('over HTTP last until the answer is out, with the state of the trace, also in what reads the body', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) =>
      served({ name: 'POST /:any' }, { request, response }, () => {
        seen.push(request.headers);
        request.resume().on('end', () => {
          void within({ name: 'after the body' }, {}, async () => response.writeHead(204).end());
        });
      }),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/who`;
    const { traceId, spanId, traceparent } = newTrace();
    const sent: Record<string, string>[] = [{ traceparent, tracestate: 'a=1,b=2' }, { tracestate: 'a=1' }];
    for (const headers of sent) {
      await fetch(url, { method: 'POST', body: 'x'.repeat(100_000), headers });
    }
    server.close();
    const spans = await spansIn(traceId, 'POST /:any', 'after the body');
    const [served1, after] = ['POST /:any', 'after the body'].map((name) => spans.find((span) => span.name === name)!);
    expect(served1).toMatchObject({ parentSpanId: spanId, attributes: { 'http.response.status_code': 204 } });
    expect(after?.parentSpanId).toBe(served1!.spanId);
    expect(seen.map(({ tracestate }) => tracestate)).toEqual(['a=1,b=2', undefined]);
    expect(seen[0]?.traceparent).toBe(`00-${traceId}-${served1!.spanId}-01`);
    expect(seen[1]?.traceparent).not.toContain(traceId);
  });

  it('are no more once tracing has ended, and what was left is sent', async () => {
    const { traceId, traceparent } = newTrace();
    await entered({ name: 'last' }, { traceparent }, async () => undefined);
    await end();
    expect(tracing.on).toBe(false);
    expect(collector.spans.filter((span) => span.traceId === traceId)).toHaveLength(1);
  });
});
