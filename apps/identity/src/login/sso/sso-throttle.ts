import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '#libs/contracts/src/problems.js';
import type { Clock } from '#libs/platform/src/clock.js';
import { RecentCounts } from '#libs/platform/src/throttle/recent-counts.js';
import { sourceOf } from '#libs/platform/src/throttle/source.js';
import { CLOCK } from '#libs/platform/src/tokens.js';

const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;
/** Of one address within a minute, of each step. */
export const MOST_OF_ADDRESS = 300;
/** Codes that are redeemed at the same time for one portal: a provider that hangs holds up no more than these. */
export const MOST_REDEEMED = 10;

type Step = 'start' | 'complete';

/**
 * Limits what anybody can have done here by logins at a provider: writes, and requests that leave with the secret of a client.
 * In memory: a restart forgets, another instance counts for itself.
 */
@Injectable()
export class SsoThrottle {
  private readonly counts: Readonly<Record<Step, RecentCounts>> = { start: newCounts(), complete: newCounts() };
  private readonly redeemed = new Map<string, number>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Counts it. @throws Problem `too-many-attempts` */
  admit(step: Step, address: string): void {
    const [counts, source, now] = [this.counts[step], sourceOf(address), this.clock()];
    const waitMs = counts.untilBelow(source, MOST_OF_ADDRESS, now);
    if (waitMs > 0) {
      const retryAfter = Math.max(1, Math.ceil(waitMs / 1_000));
      throw new Problem('too-many-attempts', 'Too many logins from this address. Try again later.', { retryAfter });
    }
    counts.add(source, now);
  }

  /** Runs it unless too many of the portal's are under way. @throws Problem `unavailable`, and whatever it throws */
  async redeeming<Result>(portal: string, redeem: () => Promise<Result>): Promise<Result> {
    const underWay = this.redeemed.get(portal) ?? 0;
    if (underWay >= MOST_REDEEMED)
      throw new Problem('unavailable', 'Too many logins at the same time.', { retryAfter: 1 });
    this.redeemed.set(portal, underWay + 1);
    try {
      return await redeem();
    } finally {
      const left = this.redeemed.get(portal)! - 1;
      if (left > 0) this.redeemed.set(portal, left);
      else this.redeemed.delete(portal);
    }
  }
}

const newCounts = () => new RecentCounts(WINDOW_MS, MOST_ADDRESSES, MOST_OF_ADDRESS);
