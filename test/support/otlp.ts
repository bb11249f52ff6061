import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { freePort } from '#libs/platform/src/testing/free-port.js';
import { until } from './until.js';

/** A step of a trace, as it came. */
export interface Span {
  /** `service.name` of the process. */
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a caller sends as `traceparent`, sampled, and the ids in it. */
export function newTrace() {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
}

/** A collector that takes traces by OTLP over HTTP, and keeps them. */
export class Collector {
  /** For the environment of the product, from the opening on. */
  readonly env: Record<string, string> = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '100' };
  /** Every request that came, as it came. */
  readonly bodies: { readonly type: string; readonly body: Buffer }[] = [];
  /** Which status it answers with; undefined: it takes what comes and does not answer. */
  status: number | undefined = 200;
  private server: Server | undefined;
  private port = 0;

  async open(): Promise<this> {
    this.port ||= await freePort();
    this.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${this.port}`;
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (request.method !== 'POST' || request.url !== '/v1/traces') return void response.writeHead(404).end();
        this.bodies.push({ type: request.headers['content-type'] ?? '', body: Buffer.concat(parts) });
        if (this.status) response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
      });
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  /** Where they came as JSON. */
  get spans(): Span[] {
    return this.bodies.filter(({ type }) => type === 'application/json').flatMap(({ body }) => spansOf(body));
  }

  /** Everything of a trace, once there are steps by all of these names. */
  trace(traceId: string, ...names: readonly (string | RegExp)[]): Promise<Span[]> {
    const has = (spans: readonly Span[], name: string | RegExp) =>
      spans.some((span) => (typeof name === 'string' ? span.name === name : name.test(span.name)));
    return until(`the trace has ${names.join(', ')}`, () => {
      const spans = this.spans.filter((span) => span.traceId === traceId);
      return names.every((name) => has(spans, name)) && spans;
    });
  }

  /** Its port is free until it is opened again. */
  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

/** For all tests of a file; to be used before the product that it is for. */
export function useCollector(): Collector {
  const collector = new Collector();
  beforeAll(() => collector.open());
  afterAll(() => collector.close());
  return collector;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<Span, 'attributes'> & { attributes: Attribute[] })[];
    }[];
  }[];
}

const valuesOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

function spansOf(body: Buffer): Span[] {
  const { resourceSpans } = JSON.parse(body.toString()) as Sent;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ name, traceId, spanId, parentSpanId = '', attributes }) => ({
        service,
        name,
        traceId,
        spanId,
        parentSpanId,
        attributes: valuesOf(attributes),
      }));
  });
}
