import { StoreDamaged, StoreUnavailable } from '../../port.js';
import { engineError, isPassing } from './errors.js';

interface Waiting {
  readonly reject: (error: Error) => void;
}

/** A write that has no answer after this long is answered as unknown. */
const STALLED_AFTER_MS = 10_000;

/**
 * Every write of one data file passes here. What the driver says becomes the port's errors, and every write gets an answer:
 * after a failed flush the driver can lose it.
 */
export class InFlightWrites {
  readonly #waiting = new Set<Waiting>();
  readonly #watch: NodeJS.Timeout;
  #refusal: Error | undefined;
  #lastFailure: Error | undefined;
  #answered = 0;
  #answeredBefore = 0;
  #silentTicks = 0;
  #stall: StoreUnavailable | undefined;

  constructor(
    private readonly file: string,
    stalledAfterMs = STALLED_AFTER_MS,
  ) {
    this.#watch = setInterval(() => this.#tick(), stalledAfterMs / 2).unref();
  }

  /** What the last write ended in, when it failed. */
  get lastFailure(): Error | undefined {
    return this.#refusal ?? this.#stall ?? this.#lastFailure;
  }

  /** Whether the last write failed, or has no answer. */
  get failing(): boolean {
    return this.#lastFailure !== undefined || this.#stall !== undefined;
  }

  /** Whether the driver has left writes without an answer for too long. */
  get stalled(): boolean {
    return this.#stall !== undefined;
  }

  /** Writes that are not answered yet. */
  get count(): number {
    return this.#waiting.size;
  }

  /** Resolves when it is durable, with what the driver says of a condition: false if it did not hold. */
  run(write: () => Promise<boolean>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal ?? this.#stall;
      if (refusal !== undefined) throw refusal;
      const waiting = { reject };
      this.#waiting.add(waiting);
      const answered = (): void => {
        this.#answered++;
        this.#stall = undefined;
        this.#waiting.delete(waiting);
      };
      let outcome: Promise<boolean>;
      try {
        outcome = write();
      } catch (error) {
        answered();
        throw engineError(error, this.file);
      }
      outcome.then(
        (held) => {
          if (this.#lastFailure !== undefined) this.#lastFailure = undefined;
          answered();
          resolve(held);
        },
        (error: unknown) => {
          void this.#failed(error).then((failure) => {
            answered();
            reject(failure);
          });
        },
      );
    });
  }

  /** Refuses what comes from now on, and waits for nothing. */
  stop(): void {
    clearInterval(this.#watch);
    this.#refusal = new StoreUnavailable(`${this.file} is closed`);
  }

  /** The driver rejects with a general error that carries a promise of the real one. */
  async #failed(error: unknown): Promise<Error> {
    let cause = error;
    if (error instanceof Error && 'commitError' in error) {
      cause = await Promise.resolve(error.commitError).catch((reason: unknown) => reason);
    }
    const failure = engineError(cause, this.file);
    this.#lastFailure = failure;
    if (!isPassing(cause)) {
      this.#refusal ??=
        failure instanceof StoreDamaged
          ? failure
          : new StoreUnavailable(`${failure.message}; restart to write again`, { cause });
    }
    return failure;
  }

  #tick(): void {
    const silent = this.#waiting.size > 0 && this.#answered === this.#answeredBefore;
    this.#answeredBefore = this.#answered;
    this.#silentTicks = silent ? this.#silentTicks + 1 : 0;
    if (this.#silentTicks < 2) return;
    this.#stall = new StoreUnavailable(`${this.file}: the disk does not answer`);
    for (const waiting of this.#waiting) waiting.reject(this.#stall);
    this.#waiting.clear();
  }
}
