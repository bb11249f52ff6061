import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Connection } from '#test/support/calls/http.js';
import { Collector, newTrace } from '#test/support/otlp.js';
import { endProcess } from '#test/support/process/end-process.js';
import { bundle, Started } from '#test/support/process/started.js';
import { until } from '#test/support/until.js';

/** Writes down each file that Node loads as a module. */
const WATCHED = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    import { appendFileSync } from 'node:fs';
    export async function load(url, context, next) {
      appendFileSync(process.env.LOADED, url + '\\\\n');
      return next(url, context);
    }
  \`));
`)}`;

const shared = join(process.cwd(), 'dist/bin/shared');
/** The files of the bundles that have the SDK or an exporter in them. */
const ofTheSdk = () =>
  readdirSync(shared).filter(
    (name) =>
      name.endsWith('.js') &&
      /BatchSpanProcessorBase|ProtobufTraceSerializer|OTLPTraceExporter/.test(readFileSync(join(shared, name), 'utf8')),
  );

let folder: string;
const collector = new Collector();
const running: { started: Started; connection: Connection }[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tracing-'));
  await collector.open();
});
beforeEach(async () => {
  collector.close();
  await collector.open();
  collector.bodies.length = 0;
  collector.status = 200;
});
afterEach(async () => {
  for (const { started, connection } of running.splice(0)) {
    connection.close();
    await endProcess(started.child, 'SIGKILL');
  }
});
afterAll(() => {
  collector.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A standalone product at a port of its choice. */
async function begin(env: Readonly<Record<string, string>>) {
  const given = { DATA_DIR: join(folder, randomBytes(4).toString('hex')), PORT: '0', DEMO: 'off', LOG_LEVEL: 'info' };
  const started = new Started(bundle('standalone'), { ...given, ...env });
  let logged = '';
  started.child.stdout?.on('data', (part: string) => (logged += part));
  const url = await until('it is there', () =>
    started
      .lines()
      .map((line) => /^Twinlock is at (.+)$/.exec(line)?.[1])
      .find(Boolean),
  );
  const connection = new Connection(url);
  running.push({ started, connection });
  const login = (traceparent: string) =>
    connection.send({
      method: 'POST',
      path: '/v1/login',
      body: { portal: 'nowhere', username: 'nobody', password: 'long enough' },
      headers: { traceparent },
    });
  const told = (message: string) => logged.split('\n').filter((line) => line.includes(message)).length;
  return { login, told, end: () => endProcess(started.child, 'SIGTERM') };
}

describe('the SDK of OpenTelemetry', () => {
  const loadedBy = async (env: Readonly<Record<string, string>>) => {
    const LOADED = join(folder, randomBytes(4).toString('hex'));
    const { login, end } = await begin({ ...env, LOADED, NODE_OPTIONS: `--import=${WATCHED}` });
    expect((await login(newTrace().traceparent)).status).toBe(401);
    expect(await end()).toBe(0);
    return readFileSync(LOADED, 'utf8')
      .split('\n')
      .map((url) => basename(url));
  };

  it('is not loaded unless traces are collected', async () => {
    const sdk = ofTheSdk();
    expect(sdk.length).toBeGreaterThan(0);
    const without = await loadedBy({ OTEL_TRACES_SAMPLER: 'always_on', OTEL_SERVICE_NAME: 'portal' });
    expect(without).toContain('standalone.js');
    expect(without.filter((name) => sdk.includes(name) || name.includes('opentelemetry'))).toEqual([]);
    const withIt = await loadedBy(collector.env);
    expect(withIt.filter((name) => sdk.includes(name))).not.toEqual([]);
  });
});

describe('a collector', () => {
  const { OTEL_EXPORTER_OTLP_PROTOCOL: _, ...byDefault } = collector.env;

  it('is sent protobuf unless told otherwise, at the latest at the end', async () => {
    const { login, end } = await begin({ ...byDefault, ...at(), OTEL_BSP_SCHEDULE_DELAY: '60000' });
    const { traceId, traceparent } = newTrace();
    await login(traceparent);
    expect(await end()).toBe(0);
    const ofIt = collector.bodies.filter(({ body }) => body.includes(Buffer.from(traceId, 'hex')));
    expect(ofIt.map(({ type }) => type)).toContain('application/x-protobuf');
  });

  it('is told the name of the service and what the sampler keeps, as the standard variables say', async () => {
    const sampled = { OTEL_SERVICE_NAME: 'portal', OTEL_TRACES_SAMPLER: 'parentbased_always_off' };
    const { login, end } = await begin({ ...collector.env, ...sampled });
    const [kept, dropped] = [newTrace(), newTrace()];
    await login(kept.traceparent);
    await login(dropped.traceparent.replace(/01$/, '00'));
    expect(await end()).toBe(0);
    const spans = await collector.trace(kept.traceId, 'POST /v1/login');
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['portal']));
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([kept.traceId]));
  });

  it('that is away is told of once; then of its return', async () => {
    collector.close();
    const { login, told } = await begin({ ...collector.env, OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
    expect((await login(newTrace().traceparent)).status).toBe(401);
    await until('it is told of', () => told('traces cannot be sent now') > 0);
    collector.status = 400;
    await collector.open();
    for (const sent of [1, 2, 3]) {
      await login(newTrace().traceparent);
      await until('more is sent', () => collector.bodies.length >= sent);
    }
    expect(told('traces cannot be sent now')).toBe(1);
    collector.status = 200;
    const again = newTrace();
    await login(again.traceparent);
    await collector.trace(again.traceId, 'POST /v1/login');
    await until('its return is told', () => told('traces are sent again') === 1);
  });

  it('that does not answer delays no answer, and the end of the process by seconds at most', async () => {
    collector.status = undefined;
    const { login, end } = await begin(collector.env);
    await login(newTrace().traceparent);
    await until('it has been sent something', () => collector.bodies.length > 0);
    // it is waited for for 10 seconds
    expect((await login(newTrace().traceparent)).elapsedMs).toBeLessThan(5_000);
    const began = performance.now();
    expect(await end()).toBe(0);
    expect(performance.now() - began).toBeLessThan(8_000);
  });
});

const at = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.env.OTEL_EXPORTER_OTLP_ENDPOINT! });
