import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import { StoreUnavailable } from '#libs/engine/src/port.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { Metrics } from '#libs/platform/src/observing/metrics.js';
import { sourceOf } from '#libs/platform/src/throttle/source.js';
import { CLOCK } from '#libs/platform/src/tokens.js';
import { type Admission, type PasswordAttempt, Throttle } from './throttle.js';

interface Waiting {
  readonly attempt: PasswordAttempt;
  readonly decided: (admission: Exclude<Admission, { verdict: 'wait' }>) => void;
}

/** Checks of one address that may wait for others of it to end. */
const MOST_WAITING = 1_000;

const isAway = (error: unknown): boolean =>
  error instanceof StoreUnavailable || (error instanceof Problem && error.code === 'unavailable');

/** Lets password checks through as R15 allows. In memory: a restart forgets, another instance counts for itself. */
@Injectable()
export class PasswordThrottle {
  private readonly throttle = new Throttle();
  /** By address, in order of arrival. */
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Runs the check, and counts it unless the password is right. A check that fails counts too, or whoever finds a way to make
   * it fail could try without end; only what is away, for everybody, is held against nobody.
   * @throws Problem `too-many-attempts`; and whatever the check throws
   */
  async check<Checked extends { readonly right: boolean }>(
    typed: PasswordAttempt,
    look: () => Promise<Checked>,
  ): Promise<Checked> {
    const attempt = { ...typed, address: sourceOf(typed.address) };
    const delayMs = await this.admission(attempt);
    let outcome: 'right' | 'wrong' | 'unknown' = 'wrong';
    try {
      if (delayMs > 0) await sleep(delayMs);
      const checked = await look();
      if (checked.right) outcome = 'right';
      return checked;
    } catch (error) {
      if (isAway(error)) outcome = 'unknown';
      throw error;
    } finally {
      this.throttle.settle(attempt, outcome, this.clock());
      this.admitWaiting(attempt.address);
    }
  }

  private async admission(attempt: PasswordAttempt): Promise<number> {
    const first = this.throttle.admit(attempt, this.clock());
    const admission = first.verdict === 'wait' ? await this.turn(attempt) : first;
    if (admission.verdict === 'admitted') return admission.delayMs;
    this.metrics.loginsThrottled.inc({ reason: admission.reason });
    const retryAfter = Math.max(1, Math.ceil(admission.retryAfterMs / 1000));
    throw new Problem('too-many-attempts', 'Too many incorrect passwords. Try again later.', { retryAfter });
  }

  private turn(attempt: PasswordAttempt): Promise<Exclude<Admission, { verdict: 'wait' }>> {
    const queue = this.waiting.get(attempt.address) ?? [];
    if (queue.length >= MOST_WAITING) {
      throw new Problem('unavailable', 'Too many logins at the same time.', { retryAfter: 1 });
    }
    this.waiting.set(attempt.address, queue);
    return new Promise((decided) => queue.push({ attempt, decided }));
  }

  private admitWaiting(address: string): void {
    const queue = this.waiting.get(address);
    if (!queue) return;
    const now = this.clock();
    const still = queue.filter(({ attempt, decided }) => {
      const admission = this.throttle.admit(attempt, now);
      if (admission.verdict === 'wait') return true;
      decided(admission);
      return false;
    });
    if (still.length > 0) this.waiting.set(address, still);
    else this.waiting.delete(address);
  }
}
