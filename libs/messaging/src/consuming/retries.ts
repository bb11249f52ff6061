import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { isOutage, outline } from '../failures.js';
import type { Outages } from './consumer-status.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Tries again what fails, at growing distances. An outage does not count: it is waited out, and reported meanwhile. */
export class Retries {
  constructor(
    private readonly outages: Outages,
    /** Ends the waiting. */
    private readonly signal: AbortSignal,
    private readonly onRetry: () => void = () => undefined,
  ) {
    setMaxListeners(0, signal);
  }

  /** Resolves to the error of the last try if all failed. @throws AbortError it was stopped in between */
  async atMost(tries: number, work: () => Promise<unknown>): Promise<{ readonly error: unknown } | undefined> {
    const outage = Symbol('outage');
    let failures = 0;
    try {
      for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(2 * wait, LONGEST_PAUSE_MS)) {
        try {
          await work();
          return undefined;
        } catch (error) {
          this.outages.note(outline(error));
          if (tries === Infinity || isOutage(error)) this.outages.begin(outage);
          else if ((failures += 1) >= tries) return { error };
        }
        await pause(wait, undefined, { signal: this.signal });
        this.onRetry();
      }
    } finally {
      this.outages.end(outage);
    }
  }

  /** Whatever the reason of a failure is, it counts as an outage. @throws AbortError it was stopped in between */
  async untilDone(work: () => Promise<unknown>): Promise<void> {
    await this.atMost(Infinity, work);
  }
}
