import { RecentCounts } from '#libs/platform/src/throttle/recent-counts.js';

/** Who checks whose password: the peer's address, and the portal and folded username that were typed. */
export interface PasswordAttempt {
  readonly address: string;
  readonly portal: string;
  readonly name: string;
}

export type Admission =
  | { readonly verdict: 'admitted'; readonly delayMs: number }
  /** Checks under way could use up what is left; look again when one of them has ended. */
  | { readonly verdict: 'wait' }
  | { readonly verdict: 'refused'; readonly reason: 'address' | 'account'; readonly retryAfterMs: number };

export interface ThrottleLimits {
  /** Wrong passwords of one address for one account within the window. */
  readonly perAccount: number;
  /** Wrong passwords of one address within the window. */
  readonly perAddress: number;
  readonly windowMs: number;
  /** Wrong passwords for one account, from wherever, before its checks are delayed. */
  readonly delayFrom: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** How many of each kind are remembered; beyond it the oldest is forgotten. */
  readonly mostKeys: number;
}

/** R15. */
export const defaultLimits: ThrottleLimits = {
  perAccount: 5,
  perAddress: 100,
  windowMs: 15 * 60_000,
  delayFrom: 5,
  firstDelayMs: 100,
  longestDelayMs: 2_000,
  mostKeys: 100_000,
};

/**
 * Slows down guessing without locking anybody out (R15): an address that guessed wrong too often waits; an account that is
 * guessed at from many addresses is checked later, never refused. A check under way counts as a possible failure, so that
 * guesses at the same moment get no more than their number; right passwords count nothing. Time comes in, in milliseconds.
 */
export class Throttle {
  private readonly pairs: RecentCounts;
  private readonly addresses: RecentCounts;
  private readonly accounts: RecentCounts;

  constructor(private readonly limits: ThrottleLimits = defaultLimits) {
    const { windowMs, mostKeys, perAccount, perAddress } = limits;
    this.pairs = new RecentCounts(windowMs, mostKeys, perAccount);
    this.addresses = new RecentCounts(windowMs, mostKeys, perAddress);
    this.accounts = new RecentCounts(windowMs, mostKeys, failuresUntilLongestDelay(limits));
  }

  /** Whoever is admitted says how it ended by `settle`. */
  admit(attempt: PasswordAttempt, now: number): Admission {
    const { pair, address, account } = keysOf(attempt);
    const limited = [
      { reason: 'address', counts: this.addresses, key: address, limit: this.limits.perAddress },
      { reason: 'account', counts: this.pairs, key: pair, limit: this.limits.perAccount },
    ] as const;

    for (const { reason, counts, key, limit } of limited) {
      const retryAfterMs = counts.untilBelow(key, limit, now);
      if (retryAfterMs > 0) return { verdict: 'refused', reason, retryAfterMs };
    }
    if (limited.some(({ counts, key, limit }) => counts.possible(key, now) >= limit)) return { verdict: 'wait' };

    for (const { counts, key } of limited) counts.begin(key);
    return { verdict: 'admitted', delayMs: this.delayFor(this.accounts.recent(account, now)) };
  }

  /** `unknown`: the check could not be made; it counts nothing. */
  settle(attempt: PasswordAttempt, outcome: 'right' | 'wrong' | 'unknown', now: number): void {
    const { pair, address, account } = keysOf(attempt);
    this.pairs.end(pair);
    this.addresses.end(address);
    if (outcome !== 'wrong') return;
    this.pairs.add(pair, now);
    this.addresses.add(address, now);
    this.accounts.add(account, now);
  }

  private delayFor(failures: number): number {
    const { delayFrom, firstDelayMs, longestDelayMs } = this.limits;
    return failures < delayFrom ? 0 : Math.min(firstDelayMs * 2 ** (failures - delayFrom), longestDelayMs);
  }
}

/** From there on the delay grows no more. */
const failuresUntilLongestDelay = ({ delayFrom, firstDelayMs, longestDelayMs }: ThrottleLimits): number =>
  delayFrom + Math.max(0, Math.ceil(Math.log2(longestDelayMs / firstDelayMs)));

function keysOf({ address, portal, name }: PasswordAttempt) {
  const account = `${portal}/${name}`;
  return { pair: `${address} ${account}`, address, account };
}
