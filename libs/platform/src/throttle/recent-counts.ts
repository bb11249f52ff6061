interface Counted {
  /** Times within the window, oldest first. */
  readonly countedAt: number[];
  underWay: number;
}

/** How often something happened per key within a sliding window, and what is under way. */
export class RecentCounts {
  /** The key that was counted longest ago comes first. */
  private readonly counted = new Map<string, Counted>();

  /** @param mostOfKey that are remembered of a key; older ones change nothing. No limit may be higher. */
  constructor(
    private readonly windowMs: number,
    private readonly mostKeys: number,
    private readonly mostOfKey: number,
  ) {}

  /** How many keys are remembered. */
  get size(): number {
    return this.counted.size;
  }

  recent(key: string, now: number): number {
    return this.present(key, now)?.countedAt.length ?? 0;
  }

  /** As many as it will be if all that is under way is counted. */
  possible(key: string, now: number): number {
    const counted = this.present(key, now);
    return counted ? counted.countedAt.length + counted.underWay : 0;
  }

  /** Milliseconds until there are fewer than the limit; 0: there are. */
  untilBelow(key: string, limit: number, now: number): number {
    const countedAt = this.present(key, now)?.countedAt ?? [];
    const leaves = countedAt[countedAt.length - limit];
    return leaves === undefined ? 0 : leaves + this.windowMs - now;
  }

  begin(key: string): void {
    const counted = this.counted.get(key);
    if (counted) counted.underWay++;
    else this.counted.set(key, { countedAt: [], underWay: 1 });
  }

  end(key: string): void {
    const counted = this.counted.get(key);
    if (!counted) return;
    counted.underWay = Math.max(0, counted.underWay - 1);
    if (counted.underWay === 0 && counted.countedAt.length === 0) this.counted.delete(key);
  }

  add(key: string, now: number): void {
    const counted = this.present(key, now) ?? { countedAt: [], underWay: 0 };
    counted.countedAt.push(now);
    if (counted.countedAt.length > this.mostOfKey) counted.countedAt.shift();
    this.counted.delete(key);
    this.counted.set(key, counted);
    this.forget(now);
  }

  private present(key: string, now: number): Counted | undefined {
    const counted = this.counted.get(key);
    if (!counted) return undefined;
    const { countedAt } = counted;
    const over = countedAt.findIndex((at) => this.counts(at, now));
    countedAt.splice(0, over === -1 ? countedAt.length : over);
    // What comes after one that lies in the future does too.
    const ahead = countedAt.findIndex((at) => at > now);
    if (ahead !== -1) countedAt.length = ahead;
    return counted;
  }

  /** One in the future is from before the clock was set back: nobody knows how long ago it was. */
  private counts(at: number, now: number): boolean {
    return at <= now && at + this.windowMs > now;
  }

  /** From the front: what no longer counts, and what is one too many. What is in use stays: that is never much. */
  private forget(now: number): void {
    for (const [key, { countedAt, underWay }] of this.counted) {
      if (underWay > 0) continue;
      const last = countedAt.at(-1);
      const stale = last === undefined || !this.counts(last, now);
      if (!stale && this.counted.size <= this.mostKeys) return;
      this.counted.delete(key);
    }
  }
}
