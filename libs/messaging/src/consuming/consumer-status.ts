import type { SourceApp } from '#libs/contracts/src/events/event.js';

/** How the consumption of one app's events by another stands. */
export interface ConsumerHealth {
  readonly source: SourceApp;
  /** Everything up to here in the source's log is handled, or a dead letter. */
  readonly position: number;
  /** How many positions the log is known to be ahead. */
  readonly lag: number;
  /** An engine is away, or the source is not there: it goes on by itself when that has passed. */
  readonly stalled: boolean;
  /** The last failure, ever; without payload. */
  readonly lastError: { readonly error: string; readonly at: string } | null;
}

/** Of what went by; `inc` of a prom-client `Counter` with these labels fits. */
export interface ConsumerCounters {
  readonly processed: CountOf;
  readonly retried: CountOf;
  readonly deadLettered: CountOf;
}
interface CountOf {
  inc(labels: { app: string; source: string }, value: number): void;
}

/** Reasons why a consumer stands still, and its last error. */
export class Outages {
  readonly #present = new Set<symbol>();
  #lastError: ConsumerHealth['lastError'] = null;

  constructor(
    private readonly clock: () => number,
    private readonly onChange: (stalled: boolean, error: string | undefined) => void,
  ) {}

  get any(): boolean {
    return this.#present.size > 0;
  }
  get lastError(): ConsumerHealth['lastError'] {
    return this.#lastError;
  }

  note(error: string): void {
    this.#lastError = { error, at: new Date(this.clock()).toISOString() };
  }

  begin(outage: symbol): void {
    this.#present.add(outage);
    if (this.#present.size === 1) this.onChange(true, this.#lastError?.error);
  }

  end(outage: symbol): void {
    if (this.#present.delete(outage) && !this.any) this.onChange(false, undefined);
  }
}
