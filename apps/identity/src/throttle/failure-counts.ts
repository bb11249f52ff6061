interface Counted {
  /** Times of the failures within the window, oldest first. */
  readonly failedAt: number[];
  underWay: number;
}

/** Enough to answer every limit; older ones change nothing. */
const MOST_FAILURES = 128;

/** Failures per key within a sliding window, and checks that are under way. */
export class FailureCounts {
  /** The key that failed longest ago comes first. */
  private readonly counted = new Map<string, Counted>();

  constructor(
    private readonly windowMs: number,
    private readonly mostKeys: number,
  ) {}

  failures(key: string, now: number): number {
    return this.present(key, now)?.failedAt.length ?? 0;
  }

  /** Failures if every check under way fails. */
  possible(key: string, now: number): number {
    const counted = this.present(key, now);
    return counted ? counted.failedAt.length + counted.underWay : 0;
  }

  /** Milliseconds until there are fewer failures than the limit; 0: there are. */
  untilBelow(key: string, limit: number, now: number): number {
    const failedAt = this.present(key, now)?.failedAt ?? [];
    const leaves = failedAt[failedAt.length - limit];
    return leaves === undefined ? 0 : leaves + this.windowMs - now;
  }

  begin(key: string): void {
    const counted = this.counted.get(key);
    if (counted) counted.underWay++;
    else this.counted.set(key, { failedAt: [], underWay: 1 });
  }

  end(key: string): void {
    const counted = this.counted.get(key);
    if (!counted) return;
    counted.underWay = Math.max(0, counted.underWay - 1);
    if (counted.underWay === 0 && counted.failedAt.length === 0) this.counted.delete(key);
  }

  fail(key: string, now: number): void {
    const counted = this.counted.get(key) ?? { failedAt: [], underWay: 0 };
    counted.failedAt.push(now);
    if (counted.failedAt.length > MOST_FAILURES) counted.failedAt.shift();
    this.counted.delete(key);
    this.counted.set(key, counted);
    this.forget(now);
  }

  private present(key: string, now: number): Counted | undefined {
    const counted = this.counted.get(key);
    if (!counted) return undefined;
    const over = counted.failedAt.findIndex((at) => at + this.windowMs > now);
    counted.failedAt.splice(0, over === -1 ? counted.failedAt.length : over);
    return counted;
  }

  /** From the front: what has left the window, and what is one too many. Stops at a key that is in use. */
  private forget(now: number): void {
    for (const [key, { failedAt, underWay }] of this.counted) {
      const last = failedAt.at(-1);
      const stale = last === undefined || last + this.windowMs <= now;
      if (underWay > 0 || (!stale && this.counted.size <= this.mostKeys)) return;
      this.counted.delete(key);
    }
  }
}
