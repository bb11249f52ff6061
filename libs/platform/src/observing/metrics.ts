import { createRequire } from 'node:module';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export const { version } = createRequire(import.meta.url)('#package.json') as { version: string };

/** What every process counts that serves HTTP. Labels come from small closed sets: never an id, never anything typed. */
export class HttpMetrics {
  readonly registry = new Registry();
  protected readonly registers = [this.registry];

  private readonly requestDuration = new Histogram({
    name: 'twinlock_http_request_duration_seconds',
    help: 'Time from the request line to the end of the response, by route pattern.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: this.registers,
  });
  private readonly requestSeries = new Map<string, Histogram.Internal<'method' | 'route' | 'status'>>();

  /** Of the Node process (event loop, memory, garbage collection) and of what runs in it. Once per process. */
  withProcess(apps: readonly string[]): this {
    collectDefaultMetrics({ register: this.registry });
    const build = new Gauge({
      name: 'twinlock_build_info',
      help: 'Always 1; labels have the version of each app in this process.',
      labelNames: ['version', 'app'] as const,
      registers: this.registers,
    });
    for (const app of apps) build.set({ version, app }, 1);
    return this;
  }

  /** Finding a series by its labels takes longer than counting in it, and there are few of them. */
  requestTook(method: string, route: string, status: number, seconds: number): void {
    const name = `${method} ${route} ${status}`;
    let series = this.requestSeries.get(name);
    if (series === undefined) {
      series = this.requestDuration.labels({ method, route, status });
      this.requestSeries.set(name, series);
    }
    series.observe(seconds);
  }
}

/** What the apps count. */
export class Metrics extends HttpMetrics {
  /** Codes refused unread: the account is locked, or the challenge has ended. */
  readonly attemptsRefused = new Counter({
    name: 'twinlock_attempts_refused_total',
    help: 'Codes refused without being checked.',
    labelNames: ['reason'] as const,
    registers: this.registers,
  });
  /** Codes that were looked at. */
  readonly attempts = new Counter({
    name: 'twinlock_attempts_total',
    help: 'Codes and backup codes checked, by outcome.',
    labelNames: ['method', 'outcome'] as const,
    registers: this.registers,
  });
  readonly loginsThrottled = new Counter({
    name: 'twinlock_logins_throttled_total',
    help: 'Password checks refused with 429, by what exceeded its limit: the address, or the account from that address.',
    labelNames: ['reason'] as const,
    registers: this.registers,
  });
  readonly logins = new Counter({
    name: 'twinlock_logins_total',
    help: 'Logins by method and outcome.',
    labelNames: ['way', 'outcome'] as const,
    registers: this.registers,
  });
  readonly rememberedBrowsers = new Counter({
    name: 'twinlock_remembered_browsers_total',
    help: 'What happened to remembered browsers: remembered, used at a login, or ended by a token that had been replaced.',
    labelNames: ['outcome'] as const,
    registers: this.registers,
  });
  readonly importedLines = new Counter({
    name: 'twinlock_imported_lines_total',
    help: 'Lines of imports, by what became of them; dry runs are not counted.',
    labelNames: ['outcome'] as const,
    registers: this.registers,
  });
  readonly mails = new Counter({
    name: 'twinlock_mails_total',
    help: 'Mails to people: accepted by the mail server, to be tried again, given up, for nobody who can be mailed, or too many of a day.',
    labelNames: ['outcome'] as const,
    registers: this.registers,
  });
  /** For the bus. */
  readonly consumed = {
    processed: this.consumerCounter('twinlock_consumer_processed_total', 'Events that a consumer has handled.'),
    retried: this.consumerCounter(
      'twinlock_consumer_retried_total',
      'Times that handling an event failed and was tried again.',
    ),
    deadLettered: this.consumerCounter('twinlock_dead_letters_total', 'Events put aside after bounded retries.'),
  };
  /** Set at each scrape. */
  readonly consumerLag = new Gauge({
    name: 'twinlock_consumer_lag',
    help: 'How far a consumer is behind in the log of the source.',
    labelNames: ['app', 'source'] as const,
    registers: this.registers,
  });

  private consumerCounter(name: string, help: string): Counter<'app' | 'source'> {
    return new Counter({ name, help, labelNames: ['app', 'source'] as const, registers: this.registers });
  }
}
