interface Counted {
  /** Times of the failures within the window, oldest first. */
  readonly failedAt: number[];
  underWay: number;
}

/** Failures per key within a sliding window, and checks that are under way. */
export class FailureCounts {
  /** The key that failed longest ago comes first. */
  private readonly counted = new Map<string, Counted>();

  /** @param mostFailures that are remembered of a key; older ones change nothing. No limit may be higher. */
  constructor(
    private readonly windowMs: number,
    private readonly mostKeys: number,
    private readonly mostFailures: number,
  ) {}

  /** How many keys are remembered. */
  get size(): number {
    return this.counted.size;
  }

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
    const counted = this.present(key, now) ?? { failedAt: [], underWay: 0 };
    counted.failedAt.push(now);
    if (counted.failedAt.length > this.mostFailures) counted.failedAt.shift();
    this.counted.delete(key);
    this.counted.set(key, counted);
    this.forget(now);
  }

  private present(key: string, now: number): Counted | undefined {
    const counted = this.counted.get(key);
    if (!counted) return undefined;
    const { failedAt } = counted;
    const over = failedAt.findIndex((at) => this.counts(at, now));
    failedAt.splice(0, over === -1 ? failedAt.length : over);
    // What comes after one that lies in the future does too.
    const ahead = failedAt.findIndex((at) => at > now);
    if (ahead !== -1) failedAt.length = ahead;
    return counted;
  }

  /** One in the future is from before the clock was set back: nobody knows how long ago it was. */
  private counts(at: number, now: number): boolean {
    return at <= now && at + this.windowMs > now;
  }

  /** From the front: what no longer counts, and what is one too many. What is in use stays: that is never much. */
  private forget(now: number): void {
    for (const [key, { failedAt, underWay }] of this.counted) {
      if (underWay > 0) continue;
      const last = failedAt.at(-1);
      const stale = last === undefined || !this.counts(last, now);
      if (!stale && this.counted.size <= this.mostKeys) return;
      this.counted.delete(key);
    }
  }
}
